// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// relay is one that runs, on a port of its own.
type relay struct {
	t       *testing.T
	address string
	end     func() ledger // stops it and hands out the sums of its reports
}

func startRelay(t *testing.T) *relay {
	t.Helper()
	accounting, err := openAccounting(time.Hour) // so the last reports are the only ones
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ends, stop := context.WithCancel(context.Background())
	served, consumed := make(chan error, 1), make(chan error, 1)
	reports := newReports()
	go func() { served <- serve(ends, listener, newServer(accounting)) }()
	go func() { consumed <- accounting.consume(reports) }()

	r := &relay{t: t, address: listener.Addr().String()}
	ended := false
	r.end = func() ledger {
		t.Helper()
		ended = true
		stop()
		for _, err := range []error{<-served, accounting.close(), <-consumed} {
			if err != nil {
				t.Error(err)
			}
		}
		return reports.sums
	}
	t.Cleanup(func() {
		if !ended {
			r.end()
		}
	})
	return r
}

// client is somebody who knows nothing of lkstats.
type client struct {
	t *testing.T
	*websocket.Conn
}

func (r *relay) connect() client {
	r.t.Helper()
	conn, _, err := websocket.DefaultDialer.Dial("ws://"+r.address+"/", nil)
	if err != nil {
		r.t.Fatal(err)
	}
	conn.SetReadDeadline(time.Now().Add(time.Minute))
	r.t.Cleanup(func() { conn.Close() })
	return client{r.t, conn}
}

func (c client) say(text string) {
	c.t.Helper()
	if err := c.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		c.t.Fatal(err)
	}
}

func (c client) hears(text string) {
	c.t.Helper()
	if _, data, err := c.ReadMessage(); err != nil || string(data) != text {
		c.t.Fatalf("heard %q, %v; expected %q", data, err, text)
	}
}

func (c client) isTurnedAway(code int) {
	c.t.Helper()
	_, data, err := c.ReadMessage()
	closed, ok := err.(*websocket.CloseError)
	if !ok || closed.Code != code || closed.Text == "" {
		c.t.Errorf("heard %q, %v; expected code %d with a reason", data, err, code)
	}
}

func (c client) leave() {
	c.t.Helper()
	c.WriteMessage(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""))
	for {
		if _, _, err := c.ReadMessage(); err != nil {
			return
		}
	}
}

func TestWhoSaysSomethingElseIsTurnedAwayWithAReason(t *testing.T) {
	relay := startRelay(t)
	const policy, size = websocket.ClosePolicyViolation, websocket.CloseMessageTooBig
	long := strings.Repeat("x", commandMaxLength+1)
	var counted ledgerRow

	for _, words := range []string{"", "knock, knock", "join atrium", "move atrium", "join at/rium ana",
		"join atrium ana\n", "join atrium ana\x00", "join " + long[:65] + " ana"} {
		stranger := relay.connect()
		stranger.say(words)
		stranger.isTurnedAway(policy)
		counted.upMessages++
		counted.upBytes += uint64(len(words))
	}
	stranger := relay.connect()
	stranger.say(long)
	stranger.isTurnedAway(size)
	stranger = relay.connect()
	stranger.WriteMessage(websocket.BinaryMessage, []byte("join atrium ana"))
	stranger.isTurnedAway(policy)

	rows := relay.end()
	if row := rows[ledgerKey{unknown, unknown, "signal"}]; row == nil || *row != counted {
		t.Errorf("reported %+v, expected %+v", row, counted)
	}
	if len(rows) != 1 {
		t.Errorf("%d rows, expected one", len(rows))
	}
}

func TestWhatIsSentBeforeAMoveStaysWithTheOldRoom(t *testing.T) {
	relay := startRelay(t)
	ana, ben := relay.connect(), relay.connect()
	ana.say("join atrium ana")
	ana.hears("members 1")
	ben.say("join atrium ben")
	ben.hears("members 2")
	ana.hears("members 2")

	ana.WriteMessage(websocket.BinaryMessage, make([]byte, 1000))
	if _, data, err := ben.ReadMessage(); err != nil || len(data) != 1000 {
		t.Fatalf("%d bytes, %v", len(data), err)
	}
	ana.say("move garden")
	ana.hears("moved garden")
	ana.hears("members 1")
	ben.hears("members 1")
	ana.leave()
	ben.leave()

	rows := relay.end()
	for key, expected := range map[ledgerKey]ledgerRow{
		{"atrium", "ana", "signal"}: {26, 2, 18, 2, 1, 1}, // up: join and move; down: members, twice
		{"atrium", "ana", "data"}:   {1000, 1, 0, 0, 0, 0},
		{"garden", "ana", "signal"}: {0, 0, 21, 2, 1, 1}, // down: moved and members
		{"atrium", "ben", "signal"}: {15, 1, 18, 2, 1, 1},
		{"atrium", "ben", "data"}:   {0, 0, 1000, 1, 0, 0},
	} {
		if row := rows[key]; row == nil || *row != expected {
			t.Errorf("%v: reported %+v, expected %+v", key, row, expected)
		}
		delete(rows, key)
	}
	if len(rows) != 0 {
		t.Errorf("more rows than expected: %v", rows)
	}
}

func TestAClientThatDoesNotKeepUpIsDropped(t *testing.T) {
	relay := startRelay(t)
	talker, idler := relay.connect(), relay.connect()
	talker.say("join atrium talker")
	talker.hears("members 1")
	idler.say("join atrium idler")
	talker.hears("members 2")

	// Four times what the queue holds: more than the sockets' buffers take on top.
	const messages = 4 * queueBytes / messageMax
	for range messages {
		if err := talker.WriteMessage(websocket.BinaryMessage, make([]byte, messageMax)); err != nil {
			t.Fatal(err)
		}
	}
	talker.hears("members 1")
	talker.leave()

	rows := relay.end()
	up, down := rows[ledgerKey{"atrium", "talker", "data"}], rows[ledgerKey{"atrium", "idler", "data"}]
	if up == nil || up.upMessages != messages || up.upBytes != messages*messageMax {
		t.Errorf("of the talker: %+v", up)
	}
	if down != nil && (down.downMessages >= messages || down.downBytes != down.downMessages*messageMax) {
		t.Errorf("of the idler: %+v", down)
	}
}

func TestMetricsComeInTheFormatThatIsAskedFor(t *testing.T) {
	relay := startRelay(t)
	for accept, expected := range map[string]string{
		"": "text/plain; version=0.0.4; charset=utf-8",
		"application/openmetrics-text;version=1.0.0,text/plain;q=0.5": "application/openmetrics-text; version=1.0.0; charset=utf-8",
	} {
		request, err := http.NewRequest(http.MethodGet, "http://"+relay.address+"/metrics", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Accept", accept)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(response.Body)
		response.Body.Close()
		if response.Header.Get("Content-Type") != expected || err != nil {
			t.Errorf("Accept: %q: got %v, %v", accept, response.Header, err)
		}
		if !strings.Contains(string(text), "lkstats_bytes_total{") {
			t.Errorf("Accept: %q: no counters in %q", accept, text)
		}
	}
	http.DefaultClient.CloseIdleConnections()
}
