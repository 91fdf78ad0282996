// SPDX-License-Identifier: Apache-2.0

package livekit

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	rtcPath = "github.com/livekit/livekit-server/pkg/rtc"
	ownPath = "github.com/lkstats/lkstats/bindings/go/livekit"
)

// rtcRoom is what the overlay needs of the package that it is in.
const rtcRoom = `package rtc

import (
	"github.com/livekit/livekit-server/pkg/rtc/types"
	"github.com/livekit/protocol/livekit"
)

type Room interface {
	ID() livekit.RoomID
	Name() livekit.RoomName
	GetParticipantByID(livekit.ParticipantID) types.LocalParticipant
}

type participantTelemetryListener struct {
	types.NullParticipantTelemetryListener
	room Room
}
`

// Given LiveKit's own file and the one that takes its place, when both are compiled, then they have the same exported names
// with the same types: constants with their values, signatures, exported fields with their tags, methods. With the build tag
// for later servers the listener is a function, and nothing else is different.
func TestTheOverlayHasWhatLiveKitsFileHas(t *testing.T) {
	fileSet := token.NewFileSet()
	exports := importerOf(t, fileSet)
	real := exported(t, fileSet, exports, map[string]any{filepath.Join(folder(t, rtcPath), "signalanddatastats.go"): nil})
	overlay := exported(t, fileSet, exports, map[string]any{filepath.Join("_rtc", "signalanddatastats.go"): nil, "room.go": rtcRoom})

	for i, one := range real { // it is v1.13.5's file, whatever the tag
		real[i] = strings.ReplaceAll(one, "telemetryListener types.ParticipantTelemetryListener", "telemetryListener "+listenerOfTheTag)
	}

	if len(real) < 20 {
		t.Fatalf("LiveKit's file has only %d exported things: %q", len(real), real)
	}
	for _, missing := range without(real, overlay) {
		// A connection is no track here. LiveKit never asks it for one: it has all of a track's methods itself.
		if missing != "BytesSignalStats has the field BytesTrackStats of type rtc.BytesTrackStats" {
			t.Errorf("the overlay lacks: %s", missing)
		}
	}
	for _, more := range without(overlay, real) {
		t.Errorf("LiveKit's file has no: %s", more)
	}
}

func without(all, those []string) (rest []string) {
	for _, one := range all {
		if !slices.Contains(those, one) {
			rest = append(rest, one)
		}
	}
	return rest
}

// exported is what files of a package export, a sentence each.
func exported(t *testing.T, fileSet *token.FileSet, exports types.Importer, sources map[string]any) (all []string) {
	t.Helper()
	var files []*ast.File
	for name, source := range sources {
		file, err := parser.ParseFile(fileSet, name, source, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	checked, err := (&types.Config{Importer: exports}).Check(rtcPath, fileSet, files, nil)
	if err != nil {
		t.Fatal(err)
	}
	said := func(of types.Type) string {
		text := types.TypeString(of, func(from *types.Package) string {
			if from.Path() == ownPath {
				return "rtc"
			}
			return from.Name()
		})
		return strings.ReplaceAll(text, "rtc.Listener", listenerOfTheTag) // another name for it
	}
	for _, name := range checked.Scope().Names() {
		object := checked.Scope().Lookup(name)
		if !object.Exported() || name == "Room" && sources["room.go"] != nil {
			continue
		}
		switch object := object.(type) {
		case *types.Const:
			all = append(all, fmt.Sprintf("const %s %s = %s", name, said(object.Type()), object.Val()))
		case *types.Func:
			all = append(all, fmt.Sprintf("%s is %s", name, said(object.Type())))
		case *types.TypeName:
			of := types.Unalias(object.Type())
			fields, isStruct := of.Underlying().(*types.Struct)
			if !isStruct {
				all = append(all, fmt.Sprintf("type %s %s", name, said(of.Underlying())))
			}
			for i := 0; isStruct && i < fields.NumFields(); i++ {
				if field := fields.Field(i); field.Exported() {
					all = append(all, fmt.Sprintf("%s has the field %s of type %s%s", name, field.Name(), said(field.Type()), fields.Tag(i)))
				}
			}
			methods := types.NewMethodSet(types.NewPointer(of))
			for i := range methods.Len() {
				if method := methods.At(i).Obj(); method.Exported() {
					all = append(all, fmt.Sprintf("*%s has %s, which is %s", name, method.Name(), said(method.Type())))
				}
			}
		default:
			all = append(all, object.String())
		}
	}
	return all
}

// folder is where a package's sources are.
func folder(t *testing.T, path string) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-f", "{{.Dir}}", "-find", path).Output()
	if err != nil {
		t.Fatalf("go list: %v", why(err))
	}
	return strings.TrimSpace(string(out))
}

// importerOf reads what Go's command has compiled of this package and of what it imports.
func importerOf(t *testing.T, fileSet *token.FileSet) types.Importer {
	t.Helper()
	out, err := exec.Command("go", "list", "-tags", theTag, "-export", "-deps", "-json=ImportPath,Export", ".",
		"github.com/frostbyte73/core", "go.uber.org/atomic").Output()
	if err != nil {
		t.Fatalf("go list: %v", why(err))
	}
	files := map[string]string{}
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var compiled struct{ ImportPath, Export string }
		if err := decoder.Decode(&compiled); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		files[compiled.ImportPath] = compiled.Export
	}
	return importer.ForCompiler(fileSet, "gc", func(path string) (io.ReadCloser, error) {
		if files[path] == "" {
			return nil, fmt.Errorf("%s is not compiled", path)
		}
		return os.Open(files[path])
	})
}

func why(err error) string {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return string(exit.Stderr)
	}
	return err.Error()
}
