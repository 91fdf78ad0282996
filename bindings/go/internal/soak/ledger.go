// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"syscall"
	"unsafe"
)

// The ledger is what tests/soak/ledger.h describes.
const (
	ledgerMagic = 0x31304b414f534b4c
	cellAdders  = 3
	lanes       = 8

	kindData  = 1
	kindOwned = 2

	resolutionBegan = 1
	resolved        = 2

	current = 1
	doubt   = 2

	headerSize  = 4096
	messageSize = 512
)

type cell struct {
	state    atomic.Uint64
	bytes    [2]uint64
	messages [2]uint64
	_        [3]uint64
}

type account struct {
	kind       atomic.Uint32 // stored last
	life       uint32
	connection uint32
	epoch      uint32
	resolution atomic.Uint32
	thread     uint32
	_          [10]uint32
	cell       [cellAdders][2]cell // sent, received
	_          [8]uint64
}

type lane struct {
	adds atomic.Uint64
	_    [7]uint64
}

type header struct {
	magic    uint64
	capacity uint32
	_        uint32
	accounts atomic.Uint64
	failed   atomic.Uint32
	_        [9]uint32
	lane     [lanes]lane
	_        [448]byte
	message  [messageSize]byte
	_        [2560]byte
}

// The offsets that ledger.h asserts.
var _ = [1]struct{}{}[unsafe.Sizeof(header{})-headerSize]
var _ = [1]struct{}{}[unsafe.Sizeof(account{})-512]
var _ = [1]struct{}{}[unsafe.Sizeof(cell{})-64]
var _ = [1]struct{}{}[unsafe.Offsetof(header{}.message)-1024]

type ledger struct {
	*header
	all []account
}

func openLedger(path string) (*ledger, error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	about, err := file.Stat()
	if err != nil {
		return nil, err
	}
	bytes, err := syscall.Mmap(int(file.Fd()), 0, int(about.Size()), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	l := &ledger{header: (*header)(unsafe.Pointer(&bytes[0]))}
	if l.magic != ledgerMagic {
		return nil, errors.New(path + " is no ledger")
	}
	l.all = unsafe.Slice((*account)(unsafe.Pointer(&bytes[headerSize])), l.capacity)
	return l, nil
}

func (l *ledger) fail(text string) {
	if l.failed.Swap(1) == 0 {
		copy(l.message[:messageSize-1], text)
	}
}

// open makes an account; nil: the ledger is full. own: a connection's number is that of its first account.
func (l *ledger) open(kind, life, connection, epoch, thread uint32, own bool) (*account, uint32) {
	number := l.accounts.Add(1) - 1
	if number >= uint64(l.capacity) {
		return nil, 0
	}
	a := &l.all[number]
	a.life, a.connection, a.epoch, a.thread = life, connection, epoch, thread
	if own {
		a.connection = uint32(number)
	}
	a.kind.Store(kind)
	return a, uint32(number)
}

// intend comes before the add, confirm or refuse after it. Each is one store of state in the end: so whenever a kill
// comes, the cell says what is certain and what is in doubt.
func (c *cell) intend(bytes, messages uint64) {
	now := c.state.Load() & current
	other := now ^ current
	c.bytes[other] = c.bytes[now] + bytes
	c.messages[other] = c.messages[now] + messages
	c.state.Store(now | doubt)
}

func (c *cell) confirm() { c.state.Store(c.state.Load()&current ^ current) }
func (c *cell) refuse()  { c.state.Store(c.state.Load() & current) }

func (a *account) of(thread int, isSend bool) *cell {
	if isSend {
		return &a.cell[thread][0]
	}
	return &a.cell[thread][1]
}
