// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// leftovers are directories that go with this program, however it ends. Servers and crowds die with it by themselves.
var leftovers struct {
	sync.Mutex
	places map[string]bool
}

func leftover(place string, is bool) {
	leftovers.Lock()
	defer leftovers.Unlock()
	if leftovers.places == nil {
		leftovers.places = make(map[string]bool)
	}
	if leftovers.places[place] = is; !is {
		os.RemoveAll(place)
	}
}

// exit never returns, and nobody adds a place after it.
func exit(status int) {
	leftovers.Lock()
	for place := range leftovers.places {
		os.RemoveAll(place)
	}
	os.Exit(status)
}

func exitWhenAsked() {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		fmt.Fprintf(os.Stderr, "bench: ended: %v\n", <-asked)
		exit(1)
	}()
}

// fail ends the program: nothing here is meant to fail.
func fail(what string, err error) {
	fmt.Fprintf(os.Stderr, "bench: %s: %v\n", what, err)
	exit(1)
}

func must(what string, err error) {
	if err != nil {
		fail(what, err)
	}
}
