// SPDX-License-Identifier: Apache-2.0

package livekit

import (
	"slices"
	"sync"
	"testing"

	"github.com/livekit/protocol/logger"
)

// heard is LiveKit's log, for the time of a test.
type heard struct {
	logger.Logger

	mu     sync.Mutex
	faults []error
}

func listenToLog(t *testing.T) *heard {
	before := logger.GetLogger()
	t.Cleanup(func() { logger.SetLogger(before, "") })
	h := &heard{Logger: logger.GetDiscardLogger()}
	logger.SetLogger(h, "")
	return h
}

func (h *heard) WithName(string) logger.Logger   { return h }
func (h *heard) WithCallDepth(int) logger.Logger { return h }

func (h *heard) Errorw(_ string, err error, _ ...any) { h.remember(err) }
func (h *heard) Warnw(_ string, err error, _ ...any)  { h.remember(err) }

func (h *heard) remember(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.faults = append(h.faults, err)
}

// errors are the log's errors and warnings.
func (h *heard) errors() []error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.faults)
}
