// SPDX-License-Identifier: Apache-2.0

package livekit

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"

	lkstats "github.com/lkstats/lkstats/bindings/go"
)

// Given a server's registry with the library's metrics, when objects count, then the next scrape has their figures, to the
// byte and before any report; and summaries have their counts.
func TestTheEndpointHasWhatWasAdded(t *testing.T) {
	serve(t, lkstats.Options{}, tenantRule{}, func(h host) {
		registry := prometheus.NewPedanticRegistry()
		if err := registry.Register(metrics{h.context}); err != nil {
			h.t.Fatal(err)
		}
		w := newWitness()
		signal, channels, track := h.signal(w), h.channels("PA_ana", w), h.track("PA_ana", w)
		for i, object := range []counted{channels, track, signal} {
			object.AddBytes(uint64(100*(i+1)), true)
			object.AddBytes(uint64(i+1), false)
			object.AddBytes(0, false)
		}
		families := gathered(h.t, registry)
		for i, channel := range []string{"data", "data_track", "signal"} {
			for _, figure := range []struct {
				name, direction string
				value           float64
			}{
				{"lkstats_bytes_total", "send", float64(100 * (i + 1))}, {"lkstats_bytes_total", "recv", float64(i + 1)},
				{"lkstats_messages_total", "send", 1}, {"lkstats_messages_total", "recv", 2},
			} {
				labels := map[string]string{"channel": channel, "direction": figure.direction}
				if is := one(h.t, families, figure.name, labels).GetCounter().GetValue(); is != figure.value {
					h.t.Errorf("%s of %v is %v, not %v", figure.name, labels, is, figure.value)
				}
			}
		}
		h.windows()
		if turns := one(h.t, gathered(h.t, registry), "lkstats_sweep_duration_seconds", nil).GetSummary().GetSampleCount(); turns == 0 {
			h.t.Error("no turn was counted")
		}
		for _, object := range []counted{signal, channels, track} {
			object.Stop()
		}
	})
}

// Given a context that was closed, when LiveKit's endpoint is scraped, then it answers with its own metrics all the same.
func TestAClosedContextMakesNoScrapeFail(t *testing.T) {
	context, err := lkstats.Open(lkstats.Options{Manual: true})
	if err != nil {
		t.Fatal(err)
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(metrics{context}, prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "livekit_room_total"}, func() float64 { return 7 }))
	if one(t, gathered(t, registry), "lkstats_messages_total", map[string]string{"channel": "data", "direction": "send"}) == nil {
		t.Error("an open context has no metrics")
	}
	if _, err := context.Close(lkstats.Abandon); err != nil {
		t.Fatal(err)
	}
	answer := httptest.NewRecorder()
	promhttp.HandlerFor(registry, promhttp.HandlerOpts{}).ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if answer.Code != http.StatusOK {
		t.Errorf("the endpoint answers %d: %s", answer.Code, answer.Body)
	}
	families := gathered(t, registry)
	if len(families) != 1 || one(t, families, "livekit_room_total", nil).GetGauge().GetValue() != 7 {
		t.Errorf("the endpoint has %v", families)
	}
}

func gathered(t *testing.T, registry prometheus.Gatherer) map[string]*dto.MetricFamily {
	t.Helper()
	all, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	families := map[string]*dto.MetricFamily{}
	for _, family := range all {
		families[family.GetName()] = family
	}
	return families
}

// one is a family's metric with these labels.
func one(t *testing.T, families map[string]*dto.MetricFamily, name string, labels map[string]string) *dto.Metric {
	t.Helper()
	for _, metric := range families[name].GetMetric() {
		matching := 0
		for _, pair := range metric.Label {
			if labels[pair.GetName()] == pair.GetValue() {
				matching++
			}
		}
		if matching == len(labels) && len(metric.Label) == len(labels) {
			return metric
		}
	}
	t.Fatalf("there is no %s with %v", name, labels)
	return nil
}
