// SPDX-License-Identifier: Apache-2.0

package livekit

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/livekit/livekit-server/pkg/telemetry"
	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/logger"
	"github.com/livekit/protocol/observability/roomobs"
)

// spoken is a log that is written to the process's own output.
type spoken struct{ logger.Logger }

func (s spoken) WithName(string) logger.Logger   { return s }
func (s spoken) WithCallDepth(int) logger.Logger { return s }

func (s spoken) Errorw(message string, err error, _ ...any) {
	fmt.Printf("error: %s: %v\n", message, err)
}
func (s spoken) Warnw(message string, err error, _ ...any) {
	fmt.Printf("warning: %s: %v\n", message, err)
}

// serveWithABadFile counts with many objects from many goroutines, and says what LiveKit was told.
func serveWithABadFile() {
	logger.SetLogger(spoken{logger.GetDiscardLogger()}, "")
	w := newWitness()
	reporter := roomobs.NewNoopParticipantSessionReporter()
	var told, stops sync.WaitGroup
	told.Add(50)
	tell := w.listener.OnTrackStatsStub
	w.listener.OnTrackStatsStub = func(key telemetry.StatsKey, stat *livekit.AnalyticsStat) {
		tell(key, stat)
		told.Done()
	}
	for range 50 {
		stops.Go(func() {
			connection := NewBytesSignalStats(context.Background(), w)
			connect(connection, "lounge", "PA_ana")
			track := NewBytesTrackStats("de", "DTR_ana", "PA_ana", 0, nil, listening(&w.listener), reporter)
			track.AddBytes(3, true)
			track.Stop()
			connection.Stop()
		})
	}
	stops.Wait()
	told.Wait() // the last report follows a stop by itself
	fmt.Printf("told %d of %d\n", w.sum("DTR_ana").SendBytes, w.count("joined"))
}

// Given an options file that names a directory which is not there, when a server counts, then LiveKit's log says so once,
// whatever the number of objects, and LiveKit is told of all of them.
func TestAServerWithABadFileSaysSoOnceAndCountsOn(t *testing.T) {
	server := start(t, "with a bad file", "journal_dir: /nowhere/at/all\n")
	said := server.ends()
	if !strings.Contains(said, "told 150 of 50\n") {
		t.Errorf("the server says %q", said)
	}
	if lines := strings.Split(strings.TrimSpace(said), "\n"); len(lines) != 2 || !strings.HasPrefix(lines[0], "error: ") ||
		!strings.Contains(lines[0], "/nowhere/at/all") {
		t.Errorf("the server says\n%s", said)
	}
}
