// SPDX-License-Identifier: Apache-2.0

// The command livekit runs a livekit-server, drives it with real WebRTC clients that count, ends it, and holds what was
// reported against what they counted. It exits with 1 where anything is not equal, to the byte.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"
)

func main() {
	var p plan
	flag.StringVar(&p.program, "server", "", "the livekit-server: one on lkstats, for mode stock LiveKit's own")
	flag.StringVar(&p.mode, "mode", "term", "how it ends: term: SIGTERM, twice; kill: SIGKILL, and another one reports\n"+
		"what was left; stock: as term, and shows what a server without lkstats loses")
	flag.IntVar(&p.rooms, "rooms", 2, "how many rooms, 1 to 100")
	flag.IntVar(&p.participants, "participants", 6, "how many join each room at first, 4 to 50; one more joins late")
	flag.IntVar(&p.seconds, "seconds", 10, "seconds of load, 2 to 3600")
	flag.IntVar(&p.rate, "rate", 20, "messages a second of each participant, 3 to 1000")
	flag.BoolVar(&p.keep, "keep", false, "keep the directory of the run, and say where it is")
	flag.Parse()
	if err := p.check(flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		flag.Usage()
		os.Exit(2)
	}
	if err := run(p); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func (p *plan) check(rest []string) error {
	within := func(name string, value, least, most int) error {
		if value < least || value > most {
			return fmt.Errorf("%s is %d; give %d to %d", name, value, least, most)
		}
		return nil
	}
	switch {
	case len(rest) != 0:
		return fmt.Errorf("nothing is known of %q", rest)
	case p.program == "":
		return fmt.Errorf("give a livekit-server")
	case p.mode != "term" && p.mode != "kill" && p.mode != "stock":
		return fmt.Errorf("mode is %q; give term, kill or stock", p.mode)
	}
	for _, err := range []error{
		within("rooms", p.rooms, 1, 100), within("participants", p.participants, leastParticipants, 50),
		within("seconds", p.seconds, 2, 3600), within("rate", p.rate, 3, 1000),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

// run keeps the directory where something went wrong.
func run(p plan) error {
	base, err := os.MkdirTemp("", "lkstats-livekit-")
	if err != nil {
		return err
	}
	p.base = base
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	// More than it takes by far: what hangs shall not hang for ever.
	ctx, cancel := context.WithTimeout(ctx, time.Duration(p.seconds)*time.Second+2*time.Minute)
	defer cancel()
	s := story{plan: p, out: os.Stdout}
	if err = s.run(ctx); err != nil || p.keep {
		fmt.Fprintln(os.Stderr, "the server's log, its journal and all options are in", base)
		return err
	}
	return os.RemoveAll(base)
}
