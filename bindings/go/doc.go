// SPDX-License-Identifier: Apache-2.0

// Package lkstats counts the bytes and messages that a real-time server moves on its signal connections and data
// channels, per participant and per track, and reports them in LiveKit's analytics format. It is the Go binding of
// the lkstats library, which has to be installed.
//
//	stats, err := lkstats.Open(lkstats.Options{Node: "node-1"})
//	if err != nil {
//		log.Fatal(err)
//	}
//	go func() {
//		for batch, err := range stats.Batches(context.Background()) {
//			if err != nil {
//				log.Fatal(err)
//			}
//			for _, r := range batch.Records() {
//				fmt.Println(r.Key.Kind, r.ParticipantIdentity, r.Window.RecvBytes, r.Window.SendBytes)
//			}
//			batch.Ack()
//		}
//	}()
//	track, err := stats.NewTrack(lkstats.TrackOptions{ParticipantIdentity: "ana"})
//	if err != nil {
//		log.Print(err) // the server runs on: adds on this track are refused and harmless
//	}
//	track.AddBytes(1200, false) // received from ana
//	track.AddBytes(300, true)   // sent to her
//	track.Stop()
//	stats.Close(time.Second)
//
// # The way of the data
//
// An add is one atomic instruction on shared memory: no call into C, no allocation. Once an interval (five seconds
// by default) the library freezes what has moved into records. A consumer takes them in batches and answers with
// [Batch.Ack] or [Batch.Nack]; until a record is acknowledged it keeps its key and its content and comes again. A
// consumer that stalls loses nothing and costs nothing: windows get longer.
//
// A [Track] is one participant's data traffic. A [Signal] is a signal connection: it counts from the first byte and
// learns later whose it is; [Signal.Reset] begins an epoch with another identity.
//
// # When a process dies
//
// With [Options.SlabDir] the counters lie in files, best in memory (/dev/shm): a process that is killed leaves them, and
// the next one that opens a context there reports what was left, under the keys that it would have had. With
// [Options.JournalDir] what acknowledges reports is a journal on a disk; batches may be taken beside it. [Options.Log] is
// told what somebody should look at.
//
//	stats, err := lkstats.Open(lkstats.Options{
//		Node:       "node-1",
//		SlabDir:    "/run/media-server",
//		JournalDir: "/var/lib/media-server",
//		Log:        func(level lkstats.LogLevel, message string) { log.Print(level, ": ", message) },
//	})
//
// # Building
//
// By default the package links with the installed library through pkg-config. With the build tag lkstats_dlopen it
// links with nothing and loads liblkstats.so.0 when it is first needed, or what [Load] was given before; where that
// is not there, [Open] answers [ErrNoLibrary] and a server can run on without counting. Without cgo, and on other
// systems than Linux, it compiles and [Open] says what is missing (errors.ErrUnsupported).
//
// The library is a shared one: a program that is statically linked itself (-extldflags -static) can't link with it, and
// loads it only where the very glibc is installed that the program was linked with, which the linker warns of. Link
// dynamically.
//
// # Rules
//
// Everything may be called from any goroutine, several at once. Errors satisfy errors.Is with the values of type
// [Status]. A method of a nil or zero value answers [ErrStale]. Strings are valid UTF-8 without NUL, of at most 256
// bytes. Timeouts are rounded up to milliseconds.
//
// A Context that becomes unreachable is closed, and a Batch without an answer is given back. A Track or a Signal is not
// stopped that way: call Stop.
package lkstats
