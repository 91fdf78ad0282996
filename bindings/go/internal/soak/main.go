// SPDX-License-Identifier: Apache-2.0

// soak is the Go host of the soak (tests/soak): it opens a context with a SlabDir, which recovers what the host before it
// left, and counts, makes, resolves, resets and stops until it is killed. Whatever it may not see ends it with a message
// in the ledger.
package main

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	lkstats "github.com/lkstats/lkstats/bindings/go"
)

const (
	seats  = 12 // data tracks that several goroutines add on
	adders = cellAdders
	owners = 2
)

type host struct {
	ctx     *lkstats.Context
	ledger  *ledger
	rows    *os.File // nil: the journal is the receiver
	batches uint32   // that were stored
	life    uint32
	seed    uint64
	small   bool // SlabDir may be full
	journal string
	seat    [seats]atomic.Pointer[track]
}

// Numbers of goroutines, for their lanes and random numbers: the adders are the first, then the owners.
const (
	managerNumber  = 8
	consumerNumber = 9
)

func (h *host) random(number int) *rand.Rand {
	return rand.New(rand.NewPCG(h.seed, uint64(number)))
}

// fail says it in the ledger, and ends the process.
func (h *host) fail(format string, arguments ...any) {
	text := fmt.Sprintf(format, arguments...)
	fmt.Fprintf(os.Stderr, "life %d: %s\n", h.life, text)
	if h.ledger != nil {
		h.ledger.fail(text)
	}
	os.Exit(1)
}

// expect fails unless err is nil or one of those that are allowed; it answers whether it is nil.
func (h *host) expect(call string, err error, allowed ...lkstats.Status) bool {
	if err == nil {
		return true
	}
	if h.small {
		allowed = append(slices.Clone(allowed), lkstats.ErrNoMemory)
	}
	for _, status := range allowed {
		if errors.Is(err, status) {
			return false
		}
	}
	h.fail("%s: %v", call, err)
	return false
}

func (h *host) log(level lkstats.LogLevel, message string) {
	if level == lkstats.LogError {
		h.fail("Log: %s", message)
	}
	fmt.Fprintf(os.Stderr, "life %d: log %v: %s\n", h.life, level, message)
}

func pause(random *rand.Rand, most time.Duration) {
	time.Sleep(time.Duration(random.Int64N(int64(most))))
}

func forever() { select {} }

func main() {
	h := &host{}
	path := flag.String("ledger", "", "`file` of the ledger")
	slab := flag.String("slab", "", "`directory` of the counters")
	rows := flag.String("rows", "", "`file` of the receiver; none: -journal")
	life := flag.Uint("life", 0, "`number` of this host's life")
	flag.StringVar(&h.journal, "journal", "", "`directory` of the journal")
	flag.Uint64Var(&h.seed, "seed", 1, "`number` that decides")
	flag.BoolVar(&h.small, "small", false, "the directory of the counters may be full")
	flag.Parse()
	h.life = uint32(*life)
	runtime.GOMAXPROCS(8) // the adders never stop: others want to come in between, at any instruction

	var err error
	if h.ledger, err = openLedger(*path); err != nil {
		h.fail("%v", err)
	}
	if *rows != "" {
		if h.rows, err = os.OpenFile(*rows, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600); err != nil {
			h.fail("%v", err)
		}
	}
	options := lkstats.Options{Node: fmt.Sprintf("n%d", h.life), AnalyticsKey: fmt.Sprintf("k%d", h.life),
		ReportInterval: 100 * time.Millisecond, SlabDir: *slab, JournalDir: h.journal, Log: h.log}
	if h.journal != "" {
		options.JournalSegmentBytes = 64 << 10
	}
	if h.ctx, err = lkstats.Open(options); !h.expect("Open", err) {
		forever()
	}

	for i := range seats {
		h.replace(i)
	}
	for i := range adders {
		go h.add(i)
	}
	for i := range owners {
		go h.own(adders + i)
	}
	if h.rows != nil {
		go h.consume()
	}
	h.manage()
}
