// SPDX-License-Identifier: Apache-2.0

package livekit

import (
	"bytes"

	"github.com/livekit/protocol/logger"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	lkstats "github.com/lkstats/lkstats/bindings/go"
)

// metrics are the library's own, on LiveKit's Prometheus endpoint beside its own. They are read when they are asked for.
type metrics struct {
	context *lkstats.Context
}

func registerMetrics(context *lkstats.Context) {
	prometheus.MustRegister(metrics{context}) // what describes nothing is never refused
}

// Describe says nothing: which metrics there are is the library's to say.
func (metrics) Describe(chan<- *prometheus.Desc) {}

func (m metrics) Collect(to chan<- prometheus.Metric) {
	text, err := m.context.Metrics(lkstats.Prometheus)
	if err != nil {
		return // it is closed, and has nothing to say
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	if err != nil {
		logger.Errorw("lkstats' metrics can't be read", err) // an invalid metric would take LiveKit's own down with it
		return
	}
	for name, family := range families {
		for _, each := range family.Metric {
			to <- read(name, family.GetHelp(), each)
		}
	}
}

// parsed is a metric as it was read.
type parsed struct {
	desc   *prometheus.Desc
	metric *dto.Metric
}

func read(name, help string, metric *dto.Metric) parsed {
	labels := prometheus.Labels{}
	for _, pair := range metric.Label {
		labels[pair.GetName()] = pair.GetValue()
	}
	return parsed{prometheus.NewDesc(name, help, nil, labels), metric}
}

func (p parsed) Desc() *prometheus.Desc { return p.desc }

func (p parsed) Write(to *dto.Metric) error {
	to.Label, to.Counter, to.Gauge, to.Untyped = p.metric.Label, p.metric.Counter, p.metric.Gauge, p.metric.Untyped
	to.Summary, to.Histogram = p.metric.Summary, p.metric.Histogram
	return nil
}
