// SPDX-License-Identifier: Apache-2.0

package livekit

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"gopkg.in/yaml.v3"

	lkstats "github.com/lkstats/lkstats/bindings/go"
)

// ConfigVariable names the environment variable that names the options file. Without it there is no journal and no slab
// directory: LiveKit's own telemetry is all that is told.
const ConfigVariable = "LKSTATS_LIVEKIT_CONFIG"

// config is the options file, in YAML. docs/livekit.md has each option's range and default.
type config struct {
	Node         string        `yaml:"node"`
	AnalyticsKey string        `yaml:"analytics_key"`
	MaxTracks    uint32        `yaml:"max_tracks"`
	SlabDir      string        `yaml:"slab_dir"`
	JournalDir   string        `yaml:"journal_dir"`
	Journal      journalConfig `yaml:"journal"`
	Tenant       *tenantConfig `yaml:"tenant"`
}

type journalConfig struct {
	SegmentBytes uint64        `yaml:"segment_bytes"`
	SegmentAge   time.Duration `yaml:"segment_age"`
	KeepBytes    uint64        `yaml:"keep_bytes"`
	KeepSegments uint32        `yaml:"keep_segments"`
	Sync         bool          `yaml:"sync"`
}

// readConfig reads what the variable names; no name is an empty file.
func readConfig(path string) (config, error) {
	var c config
	if path == "" {
		return c, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return config{}, fmt.Errorf("%s: %w", ConfigVariable, err)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true) // a misspelt option is no option
	if err := decoder.Decode(&c); err != nil && !errors.Is(err, io.EOF) {
		return config{}, fmt.Errorf("%s: %w", path, err)
	}
	if err := decoder.Decode(new(config)); !errors.Is(err, io.EOF) {
		return config{}, fmt.Errorf("%s: more than one document; give one", path)
	}
	// What a dead server had counted would be acknowledged, and in no place that lasts.
	if c.SlabDir != "" && c.JournalDir == "" {
		return config{}, fmt.Errorf("%s: slab_dir without journal_dir; give both", path)
	}
	return c, nil
}

// options of the context. The node's name is the machine's, where none is given.
func (c *config) options() lkstats.Options {
	node := c.Node
	if node == "" {
		node, _ = os.Hostname()
	}
	return lkstats.Options{
		Manual: true, Node: node, AnalyticsKey: c.AnalyticsKey, MaxTracks: c.MaxTracks, SlabDir: c.SlabDir,
		JournalDir: c.JournalDir, JournalSegmentBytes: c.Journal.SegmentBytes, JournalSegmentAge: c.Journal.SegmentAge,
		JournalKeepBytes: c.Journal.KeepBytes, JournalKeepSegments: c.Journal.KeepSegments, JournalSync: c.Journal.Sync,
		Log: tellLog,
	}
}
