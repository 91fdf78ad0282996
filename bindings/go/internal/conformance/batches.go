// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"fmt"
	"hash/fnv"

	lkstats "github.com/lkstats/lkstats/bindings/go"
)

// The binding's own words for "nothing to take now" is no batch and no error.
var errAgain = errors.New("nothing to take now")

// batch is one that the story has taken, answered or not.
func (h *host) batch(name string) (*lkstats.Batch, error) {
	batch := h.batches[name]
	if batch == nil {
		return nil, lkstats.ErrStale
	}
	return batch, nil
}

func next(w *words) action {
	name := w.next()
	return func(h *host) (answer, error) {
		batch, err := h.context.TryNext()
		if err != nil {
			return answer{}, err
		}
		if batch == nil {
			return answer{}, errAgain
		}
		h.batches[name] = batch
		records := batch.Records()
		text := fmt.Sprintf("node=%s key=%s records=%d",
			textWord(batch.Node()), textWord(batch.AnalyticsKey()), len(records))
		lines := make([]string, len(records))
		for i := range records {
			lines[i] = recordText(&records[i])
		}
		return answer{text, lines}, nil
	}
}

func stats(w *words) action {
	name := w.next()
	return func(h *host) (answer, error) {
		batch, err := h.batch(name)
		if err != nil {
			return answer{}, err
		}
		stats, err := batch.AnalyticsStats()
		if err != nil {
			return answer{}, err
		}
		return answer{text: fmt.Sprintf("size=%d hash=%016x", len(stats), hashStats(stats))}, nil
	}
}

// hashStats is FNV-1a over the message with the digits of each stat's id as zeros: ids differ with the context.
func hashStats(stats []byte) uint64 {
	const digits = 12
	hash := fnv.New64a()
	for {
		before, after, found := bytes.Cut(stats, []byte("AS_"))
		hash.Write(before)
		if !found {
			return hash.Sum64()
		}
		id := min(digits, len(after))
		hash.Write([]byte("AS_000000000000")[:len("AS_")+id])
		stats = after[id:]
	}
}

func ack(w *words) action { return onBatch(w.next(), (*lkstats.Batch).Ack) }

func nack(w *words) action { return onBatch(w.next(), (*lkstats.Batch).Nack) }

func onBatch(name string, call func(*lkstats.Batch) error) action {
	return func(h *host) (answer, error) {
		batch, err := h.batch(name)
		if err != nil {
			return answer{}, err
		}
		return answer{}, call(batch)
	}
}
