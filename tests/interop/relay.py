# SPDX-License-Identifier: Apache-2.0
"""The demo's relay and its clients, and what each of them writes down."""

import signal
from collections import Counter

import programs

INTERVAL_MS = 500
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"
UNKNOWN = "(unknown)"


class Ledger:
    """Who moved how much: rows of room, participant, channel, up and down."""

    def __init__(self, path):
        self.names = set()
        self.bytes, self.messages = Counter(), Counter()  # by channel and direction, as lkstats names them
        self.unattributed_bytes = Counter()  # by direction
        for line in path.read_text().splitlines():
            room, participant, channel, *numbers = line.split("\t")
            up_bytes, up_messages, down_bytes, down_messages, _joined, _left = map(int, numbers)
            channel = {"track": "data_track"}.get(channel, channel)
            self.bytes.update({(channel, "recv"): up_bytes, (channel, "send"): down_bytes})
            self.messages.update({(channel, "recv"): up_messages, (channel, "send"): down_messages})
            if participant == UNKNOWN:
                self.unattributed_bytes.update({"recv": up_bytes, "send": down_bytes})
            self.names |= {room, participant} - {UNKNOWN}


class Relay(programs.Program):
    def __init__(self, build, directory):
        self.demo = build / "bindings/c/examples/demo"
        self.directory = directory
        super().__init__(
            directory / "relay.log",
            self.demo / "relay",
            "--library", build / "src/liblkstats.so",
            "--interval-ms", INTERVAL_MS,
            "--ledger", directory / "reports",
        )  # fmt: skip
        self.port = int(self.until_it_says(r"listening on port (\d+)")[1])

    def metrics(self, accept):
        return programs.get(f"http://127.0.0.1:{self.port}/metrics", Accept=accept)

    def serve_clients(self, seconds):
        """Runs the clients until they are gone; their ledger."""
        path = self.directory / "clients"
        with programs.Program(
            self.directory / "clients.log",
            self.demo / "clients",
            "--port", self.port,
            "--seconds", seconds,
            "--ledger", path,
        ) as clients:  # fmt: skip
            clients.must_end_well()
        return Ledger(path)

    def end(self):
        """Ends the relay; the ledger of its reports."""
        self.process.send_signal(signal.SIGTERM)
        self.must_end_well()
        return Ledger(self.directory / "reports")
