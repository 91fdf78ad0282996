// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

const (
	crowd       = 100_000
	crowdRounds = 3
	idle        = 15 * time.Second

	// Every object has reported what it was told before: its window is over, with some to spare.
	settled = 7 * time.Second
)

var (
	quarter   = &target{0.25, "<= 1/4", false}
	hundredth = &target{0.01, "<= 1/100", false}
)

// costs of a crowd, for its process. All of an object but the identity's strings, which a server has anyway.
type costs struct {
	Memory     memory
	Goroutines float64
	Idle       float64 // nanoseconds of processor time a second in which nothing is added
}

// measureCrowd: as many objects of each kind in a process of its own.
func measureCrowd(finished func(...line)) {
	lines := []struct {
		line
		figure func(costs) float64
	}{
		{line{what: "10^5 objects, resident memory", unit: "B each", target: quarter},
			func(c costs) float64 { return c.Memory.Resident / crowd }},
		{line{what: "10^5 objects, Go's live heap", unit: "B each", target: quarter},
			func(c costs) float64 { return c.Memory.Heap / crowd }},
		{line{what: "10^5 objects, Go's heap and stacks", unit: "B each", target: quarter},
			func(c costs) float64 { return (c.Memory.Heap + c.Memory.Stacks) / crowd }},
		{line{what: "10^5 objects, goroutines"},
			func(c costs) float64 { return c.Goroutines }},
		{line{what: "10^5 objects, idle, processor time", unit: "ms a second", target: hundredth},
			func(c costs) float64 { return c.Idle / 1e6 }},
	}
	for round := range crowdRounds {
		var of [len(kinds)]costs
		inTurn(round, func(k kind) float64 {
			of[k] = crowdElsewhere(k)
			return 0
		})
		for i := range lines {
			lines[i].add(pair{lines[i].figure(of[lkstatsKind]), lines[i].figure(of[stockKind])})
		}
	}
	for _, l := range lines {
		finished(l.line)
	}
}

// crowdElsewhere runs crowdHere in a process of its own.
func crowdElsewhere(k kind) (c costs) {
	program, err := os.Executable()
	must("crowd", err)
	command := exec.Command(program, crowdArgument, strconv.Itoa(int(k)))
	command.Stderr = os.Stderr
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	answer, err := command.Output()
	must("crowd", err)
	must("crowd", json.Unmarshal(answer, &c))
	return c
}

// crowdArgument has the program be a crowd's process, and nothing else.
const crowdArgument = "--crowd"

func crowdHere(k kind) {
	who := identities(crowd)
	objects := make([]object, crowd)
	k.start(identity{"PA_first", "DTR_first"}).add(1) // opens what is opened once
	before := memoryNow()
	goroutines := runtime.NumGoroutine()

	for i := range objects {
		objects[i] = k.start(who[i])
		objects[i].add(1)
	}
	time.Sleep(settled)
	c := costs{Memory: memoryNow().less(before), Goroutines: float64(runtime.NumGoroutine() - goroutines)}
	c.Idle = nanosecondsOf(processTime, func() { time.Sleep(idle) }) / idle.Seconds()
	if sent := sentOf(objects); sent != crowd {
		fail("crowd", fmt.Errorf("counted %d of %d", sent, crowd))
	}
	runtime.KeepAlive(who)
	must("crowd", json.NewEncoder(os.Stdout).Encode(c))
}
