// SPDX-License-Identifier: Apache-2.0

// relay is a WebSocket relay with rooms, on ws://127.0.0.1:PORT. Whoever joins a room (command.go) gets every
// binary message of the others in it. lkstats counts what each of them sends and is sent (accounting.go); the relay
// prints its reports, and has its metrics at http://127.0.0.1:PORT/metrics. SIGTERM or SIGINT ends it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

var (
	port       = flag.Int("port", 0, "to listen on; 0: any that is free")
	intervalMs = flag.Uint("interval-ms", 0, "how often there are reports; 0: every five seconds")
	ledgerPath = flag.String("ledger", "", "`file` for the sums of the reports")
)

func main() {
	flag.Parse()
	if flag.NArg() != 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "relay:", err)
		os.Exit(1)
	}
}

func run() error {
	ends, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	if err := loadLibrary(); err != nil {
		return err
	}
	listener, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", *port))
	if err != nil {
		return fmt.Errorf("%w; choose another port with --port", err)
	}
	accounting, err := openAccounting(time.Duration(*intervalMs) * time.Millisecond)
	if err != nil {
		return err
	}

	fmt.Printf("relay: listening on port %d of 127.0.0.1\n", listener.Addr().(*net.TCPAddr).Port)
	printHeading()
	reports, consumed := newReports(), make(chan error, 1)
	go func() { consumed <- accounting.consume(reports) }()
	err = serve(ends, listener, newServer(accounting))

	err = errors.Join(err, accounting.close(), <-consumed)
	fmt.Printf("relay: %d records in %d batches, %d of them given back and taken again\n",
		reports.records, reports.batches, reports.givenBack)
	if *ledgerPath != "" {
		err = errors.Join(err, reports.sums.write(*ledgerPath))
	}
	return err
}

// serve returns when nobody is connected any more, some time after ends is done.
func serve(ends context.Context, listener net.Listener, server *server) error {
	ends, end := context.WithCancel(ends)
	defer end()
	sockets := &http.Server{
		Handler:           server,
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return ends },
	}
	failed := make(chan error, 1)
	go func() { failed <- sockets.Serve(listener) }()
	var err error
	select {
	case <-ends.Done():
	case err = <-failed:
		end()
	}

	// Shutdown leaves WebSockets to the server, which knows of each before Shutdown returns.
	stop, cancel := context.WithTimeout(context.Background(), partingTimeout)
	defer cancel()
	if sockets.Shutdown(stop) != nil {
		sockets.Close()
	}
	server.requests.Wait()
	return err
}
