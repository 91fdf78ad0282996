// SPDX-License-Identifier: Apache-2.0

//go:build cgo && linux && lkstats_dlopen

package lkstats

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The first library that is taken stays, so whoever needs a process without one is started for it.
func inAProcess(t *testing.T, paths ...string) string {
	t.Helper()
	command := exec.Command(os.Args[0], "-test.run=^TestHelperLoads$", "-test.v")
	command.Env = append(os.Environ(), "LKSTATS_TEST_LOAD="+strings.Join(paths, ","))
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}

func TestHelperLoads(t *testing.T) {
	paths, ok := os.LookupEnv("LKSTATS_TEST_LOAD")
	if !ok {
		t.Skip("for other tests")
	}
	for _, path := range strings.Split(paths, ",") {
		if path == "open" {
			c, err := Open(Options{Manual: true})
			t.Logf("open: %v", err)
			_, _ = c.Close(Abandon)
			continue
		}
		err := Load(path)
		t.Logf("load: %v", err)
		for what, is := range map[string]error{"no library": ErrNoLibrary, "invalid": ErrInvalid} {
			if errors.Is(err, is) {
				t.Logf("it is: %s", what)
			}
		}
	}
	t.Logf("version: %q", Version())
}

func TestALibraryThatIsNotThereSaysSo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "liblkstats.so.0")
	out := inAProcess(t, path, "open")
	for _, part := range []string{"load: lkstats: load: " + path, "install lkstats", "it is: no library", "open: <nil>"} {
		if !strings.Contains(out, part) { // and another can be loaded then
			t.Errorf("%q is not in %s", part, out)
		}
	}
}

func TestAFileThatIsNoLibrarySaysSo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "liblkstats.so.0")
	must(t, os.WriteFile(path, []byte("not an ELF file"), 0o600))
	out := inAProcess(t, path)
	for _, part := range []string{"load: lkstats: load: " + path, "install lkstats", "it is: no library"} {
		if !strings.Contains(out, part) {
			t.Errorf("%q is not in %s", part, out)
		}
	}
}

func TestALibraryThatIsNotLkstatsSaysSo(t *testing.T) {
	out := inAProcess(t, "libc.so.6", "open")
	for _, part := range []string{"libc.so.6 is not lkstats", "it is: no library", "open: <nil>"} {
		if !strings.Contains(out, part) {
			t.Errorf("%q is not in %s", part, out)
		}
	}
}

func TestAnEmptyPathSaysSo(t *testing.T) {
	if out := inAProcess(t, ""); !strings.Contains(out, "the path is empty") || !strings.Contains(out, "it is: invalid") {
		t.Error(out)
	}
	refuses(t, "a path with a NUL", Load("a\x00b"), ErrInvalid)
}

func TestTheFirstLibraryStays(t *testing.T) {
	out := inAProcess(t, "liblkstats.so.0", "liblkstats.so.0", "libc.so.6")
	if strings.Count(out, "load: <nil>") != 2 || !strings.Contains(out, "liblkstats.so.0 is in use already") ||
		!strings.Contains(out, "it is: invalid") {
		t.Error(out)
	}
}
