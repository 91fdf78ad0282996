// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"time"
)

// Both servers are there at once, each with its room, and have the load in turn: what else the machine does is the same for
// both, and each is without a load while the other one has it.
const (
	forwardRounds = 4
	turns         = 8 // for each
	turn          = 2500 * time.Millisecond
	warmUp        = 2 * time.Second

	// Of everybody, on each of the three channels, to everybody else.
	messagesASecond = 50
	beat            = 10 * time.Millisecond
	aTurnHas        = inARoom * 3 * messagesASecond * (inARoom - 1) * turn / time.Second
)

// programs are the two servers.
type programs [len(kinds)]string

// forwarding is a server with its room.
type forwarding struct {
	*server
	*room
}

func startForwarding(program string, environment ...string) forwarding {
	s, err := startServer(program, environment...)
	must("server", err)
	r, err := openRoom(s)
	if err != nil {
		s.stop()
		fail("room", err)
	}
	return forwarding{s, r}
}

func (f forwarding) end() {
	f.room.close()
	f.server.stop()
}

// measureForwarding: processor time of a message that is forwarded, and what a room of ten is to its server.
func measureForwarding(of programs, finished func(...line)) {
	forwarded := line{what: "a forwarded message, processor time of the server", unit: "us", target: notAbove}
	silent := line{what: "a room of ten, silent, processor time of the server", unit: "ms a second"}
	goroutines := line{what: "a room of ten, goroutines", target: less}
	live := line{what: "a room of ten, live heap", unit: "KiB", target: less}
	stacks := line{what: "a room of ten, stacks", unit: "KiB"}
	counting := line{what: "a room of ten, live heap of the counting alone", unit: "KiB", target: less}
	for round := range forwardRounds {
		var servers [len(kinds)]forwarding
		var heaps [len(kinds)]heap
		goroutines.add(inTurn(round, func(k kind) float64 {
			servers[k] = startForwarding(of[k])
			heaps[k] = servers[k].heap()
			return servers[k].goroutines()
		}))
		live.add(pair{heaps[lkstatsKind].Live / 1024, heaps[stockKind].Live / 1024})
		stacks.add(pair{heaps[lkstatsKind].Stacks / 1024, heaps[stockKind].Stacks / 1024})
		us, ms := loadInTurns(round, servers)
		forwarded.add(us)
		silent.add(ms)
		for _, f := range servers {
			f.end()
		}
	}
	counting.add(inTurn(0, func(k kind) float64 {
		// Every allocation is in the profile, which makes a server slow: it has no load.
		f := startForwarding(of[k], "GODEBUG=memprofilerate=1")
		defer f.end()
		return f.heap().Counting / 1024
	}))
	finished(forwarded, silent, goroutines, live, stacks, counting)
}

// loadInTurns is microseconds a message under load, and milliseconds a second without: medians of the turns, of which one
// may have fallen into a bad moment of the machine's.
func loadInTurns(round int, servers [len(kinds)]forwarding) (us, ms pair) {
	for _, f := range servers {
		f.load(warmUp)
	}
	var loaded, silent [len(kinds)][]float64
	for number := range turns {
		inTurn(round+number, func(k kind) float64 {
			used, idle, comparable := loadOne(servers[k], servers[1-k])
			if comparable {
				loaded[k], silent[1-k] = append(loaded[k], used), append(silent[1-k], idle)
			}
			return 0
		})
	}
	for k := range servers {
		if len(loaded[k]) < turns/2 || len(silent[k]) < turns/2 {
			fail("load", errors.New("this machine has too little time for it: most messages are lost"))
		}
		us[k], ms[k] = percentile(loaded[k], 0.5), percentile(silent[k], 0.5)
	}
	return us, ms
}

// loadOne has one of the two forward for a turn, while the other one does not. Lossy channels lose some where somebody is
// held up: a turn that lost most of its load is not comparable with others.
func loadOne(loaded, silent forwarding) (us, ms float64, comparable bool) {
	before, began := loaded.got(), time.Now()
	used, idle := loaded.processorTime(), silent.processorTime()
	loaded.load(turn)
	loaded.awaitReliable()
	messages := float64(loaded.got() - before)
	used, idle = loaded.processorTime()-used, silent.processorTime()-idle
	return used / 1e3 / messages, idle / 1e6 / time.Since(began).Seconds(), messages > float64(aTurnHas)/2
}

// load is everybody talking for that long, at the pace of the clock: one who was held up catches up.
func (f forwarding) load(long time.Duration) {
	must("load", f.all(func(i int) error {
		beats := time.NewTicker(beat)
		defer beats.Stop()
		began, said := time.Now(), 0.0
		for now := range beats.C {
			elapsed := min(now.Sub(began), long)
			for ; said < elapsed.Seconds()*messagesASecond; said++ {
				if err := f.say(i); err != nil {
					return err
				}
			}
			if elapsed == long {
				return nil
			}
		}
		return nil
	}))
}
