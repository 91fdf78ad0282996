// SPDX-License-Identifier: Apache-2.0

package livekit

import (
	"math"

	"github.com/livekit/livekit-server/pkg/telemetry"
	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/observability/roomobs"

	lkstats "github.com/lkstats/lkstats/bindings/go"
)

// window is what one object counted in one window, and for whom.
type window struct {
	country     string
	participant livekit.ParticipantID
	track       livekit.TrackID
	kind        livekit.ParticipantInfo_Kind
	kindDetails []livekit.ParticipantInfo_KindDetail
	lkstats.Traffic
}

// tell tells LiveKit of a window, what was received before what was sent.
func tell(w window, reporter roomobs.TrackReporter, stats func(telemetry.StatsKey, *livekit.AnalyticsStat)) {
	for _, direction := range []struct {
		stream          livekit.StreamType
		bytes, messages uint64
	}{
		{livekit.StreamType_UPSTREAM, w.RecvBytes, w.RecvMessages},
		{livekit.StreamType_DOWNSTREAM, w.SendBytes, w.SendMessages},
	} {
		if direction.bytes == 0 && direction.messages == 0 {
			continue
		}
		w.observe(reporter, direction.stream, direction.bytes, direction.messages)
		key := telemetry.StatsKeyForData(w.country, direction.stream, w.participant, w.track)
		// The receiver of a stat refuses a packet count beyond 31 bits: what is over goes into another one.
		for bytes, messages := direction.bytes, direction.messages; ; bytes = 0 {
			packets := min(messages, math.MaxInt32)
			stats(key, &livekit.AnalyticsStat{
				Streams: []*livekit.AnalyticsStream{{PrimaryBytes: bytes, PrimaryPackets: uint32(packets)}},
			})
			if messages -= packets; messages == 0 {
				break
			}
		}
	}
}

// observe tells the observability reporter, whose figures have 32 bits: a large window takes several transactions.
func (w *window) observe(reporter roomobs.TrackReporter, stream livekit.StreamType, bytes, messages uint64) {
	for {
		b, m := uint32(min(bytes, math.MaxUint32)), uint32(min(messages, math.MaxUint32))
		reporter.Tx(func(tx roomobs.TrackTx) {
			session := tx.ParticipantSession()
			session.ReportKindCode(roomobs.ParticipantKindCode(w.kind))
			session.ReportKindDetailsCodes(roomobs.ParticipantKindDetailsCodes(w.kindDetails))
			tx.ReportType(roomobs.TrackTypeData)
			if stream == livekit.StreamType_DOWNSTREAM {
				tx.ReportSendBytes(b)
				tx.ReportSendPackets(m)
			} else {
				tx.ReportRecvBytes(b)
				tx.ReportRecvPackets(m)
			}
		})
		bytes -= uint64(b)
		messages -= uint64(m)
		if bytes == 0 && messages == 0 {
			return
		}
	}
}
