// SPDX-License-Identifier: Apache-2.0

// conformance is the Go host of the conformance suite (tests/conformance): it reads a script, does what it says
// through the binding's public API, and writes a transcript, which has to be every other host's.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"
)

const (
	exitScript  = 2 // a line of the script is not understood
	exitLibrary = 3 // the library cannot be used
)

func main() {
	flag.Usage = func() {
		fmt.Fprintf(os.Stderr, "usage: conformance %sSCRIPT\n", libraryUsage)
	}
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(exitScript)
	}
	if err := useLibrary(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(exitLibrary)
	}
	if err := run(flag.Arg(0)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(exitScript)
	}
}

func run(path string) error {
	script, err := os.Open(path)
	if err != nil {
		return err
	}
	defer script.Close()
	out := bufio.NewWriterSize(os.Stdout, 1<<16)
	defer out.Flush()
	host := newHost(out)
	defer host.forget()

	lines := bufio.NewScanner(script)
	lines.Buffer(nil, 1<<20)
	for number := 1; lines.Scan(); number++ {
		if err := host.do(number, lines.Text()); err != nil {
			return fmt.Errorf("%s:%d: %w", path, number, err)
		}
	}
	return lines.Err()
}
