// SPDX-License-Identifier: Apache-2.0

package livekit

import (
	"errors"

	"github.com/livekit/protocol/logger"

	lkstats "github.com/lkstats/lkstats/bindings/go"
)

// tellLog is what the library has to say, in LiveKit's log.
func tellLog(level lkstats.LogLevel, message string) {
	switch level {
	case lkstats.LogError:
		logger.Errorw("lkstats", errors.New(message))
	case lkstats.LogWarning:
		logger.Warnw("lkstats", errors.New(message))
	default:
		logger.Infow("lkstats", "message", message)
	}
}
