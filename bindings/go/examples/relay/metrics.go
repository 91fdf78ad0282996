// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/http"
	"strings"

	lkstats "github.com/lkstats/lkstats/bindings/go"
)

// serveMetrics answers a scraper in the format that it asks for.
func (s *server) serveMetrics(w http.ResponseWriter, r *http.Request) {
	format := lkstats.Prometheus
	if strings.Contains(r.Header.Get("Accept"), "application/openmetrics-text") {
		format = lkstats.OpenMetrics
	}
	metrics, err := s.accounting.context.Metrics(format)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", format.ContentType())
	w.Write(metrics)
}
