// SPDX-License-Identifier: Apache-2.0

//go:build !cgo || !linux

package abi

import (
	"errors"
	"fmt"
	"runtime"
)

// What is left of the package where the library can't be: Use says why, and nobody calls anything after that.

// Use says what is missing.
func Use() error {
	if runtime.GOOS != "linux" {
		return fmt.Errorf("lkstats: lkstats runs on Linux only, this is %s; build and run the program there: %w", runtime.GOOS, errors.ErrUnsupported)
	}
	return fmt.Errorf("lkstats: this program was built without cgo; install a C compiler and build it with CGO_ENABLED=1: %w", errors.ErrUnsupported)
}

// Load says the same.
func Load(string) error { return Use() }

func Version() uint32                                 { return 0 }
func StatusText(int32) string                         { return "" }
func StatusName(int32) string                         { return "" }
func Open(*Options) (Token, int32)                    { return 0, EStale }
func Close(Token, int64) (uint64, Traffic, int32)     { return 0, Traffic{}, EStale }
func RunOnce(Token, int64, int64) int32               { return EStale }
func Flush(Token, int64) int32                        { return EStale }
func Redeliver(Token) int32                           { return EStale }
func EventFD(Token) (int, int32)                      { return -1, EStale }
func Metrics(Token, uint32, []byte) (uint64, int32)   { return 0, EStale }
func NewTrack(Token, *Track) (uint64, int32)          { return 0, EStale }
func NewSignal(Token, string, string) (uint64, int32) { return 0, EStale }
func ResolveRoom(uint64, string, string, string) int32 {
	return EStale
}
func ResolveParticipant(uint64, int32, []int32, string, string, string) int32 {
	return EStale
}
func Reset(uint64) int32                            { return EStale }
func Add(uint64, uint64, uint64, bool) int32        { return EStale }
func Totals(uint64) (Time, Traffic, int32)          { return Time{}, Traffic{}, EStale }
func Stop(uint64) (Time, Traffic, int32)            { return Time{}, Traffic{}, EStale }
func TrackFlush(uint64, int64) int32                { return EStale }
func Next(Token) (Batch, int32)                     { return Batch{}, EStale }
func AnalyticsStats(Token, uint64) ([]byte, int32)  { return nil, EStale }
func Answer(Token, uint64, bool) int32              { return EStale }
func TrackID(int32, string, []byte) (uint64, int32) { return 0, EStale }
func Figures() []Figure                             { return nil }
