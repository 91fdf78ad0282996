# SPDX-License-Identifier: Apache-2.0
"""The metrics of a real server, as programs of others read them."""

import os
import re
import subprocess
import tempfile
import unittest
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_prometheus

import programs
from prometheus import Prometheus
from relay import OPENMETRICS, PROMETHEUS, Relay

SECONDS = 6
MANUAL = Path(__file__).parents[2] / "docs/metrics.md"


def samples(families):
    """Value by name and labels."""
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


def without_sweeps(figures):
    """All that does not move any more when nobody is there."""
    return {key: value for key, value in figures.items() if not key[0].startswith("lkstats_sweep_")}


def settled(relay):
    """The figures, once everybody is gone and everything is acknowledged."""
    figures = samples(read_openmetrics(relay.metrics(OPENMETRICS)[1]))
    owed = sum(
        value
        for (name, *_), value in figures.items()
        if name in ("lkstats_tracks", "lkstats_unacknowledged_reports")
    )
    return figures if owed == 0 else None


def by_channel(scraped):
    return Counter({(labels["channel"], labels["direction"]): int(value) for labels, value in scraped})


class MetricsOfARelay(unittest.TestCase):
    """Given a relay that Prometheus scrapes, when its clients have come, talked and gone."""

    @classmethod
    def setUpClass(cls):
        running = ExitStack()
        cls.addClassCleanup(running.close)
        directory = Path(running.enter_context(tempfile.TemporaryDirectory()))
        relay = running.enter_context(Relay(Path(os.environ["LKSTATS_BUILD"]), directory))
        cls.at_first = samples(read_openmetrics(relay.metrics(OPENMETRICS)[1]))
        cls.prometheus = running.enter_context(Prometheus(directory, relay.port))
        programs.until("the relay is up", lambda: cls.prometheus.query("up == 1"))

        cls.clients = relay.serve_clients(SECONDS)

        figures = programs.until("nothing is owed", lambda: settled(relay))
        moved = sum(value for (name, *_), value in figures.items() if name == "lkstats_bytes_total")
        programs.until(
            f"Prometheus has {moved} bytes",
            lambda: cls.prometheus.query(f"sum(lkstats_bytes_total) == {moved}"),
        )
        cls.scraped = {
            name: cls.prometheus.query(name)
            for name in ("lkstats_bytes_total", "lkstats_messages_total", "lkstats_unattributed_bytes_total")
        }
        cls.series = cls.prometheus.ask("series", **{"match[]": '{__name__=~"lkstats_.*"}'})
        cls.openmetrics_type, cls.openmetrics = relay.metrics(OPENMETRICS)
        cls.classic_type, cls.classic = relay.metrics("text/plain")
        cls.ledger = relay.end()

    def test_prometheus_has_what_the_reports_add_up_to(self):
        self.assertGreater(sum(self.ledger.bytes.values()), 0)
        self.assertEqual(by_channel(self.scraped["lkstats_bytes_total"]), self.ledger.bytes)
        self.assertEqual(by_channel(self.scraped["lkstats_messages_total"]), self.ledger.messages)

    def test_prometheus_has_what_the_clients_counted_themselves(self):
        self.assertEqual(by_channel(self.scraped["lkstats_bytes_total"]), self.clients.bytes)
        self.assertEqual(by_channel(self.scraped["lkstats_messages_total"]), self.clients.messages)

    def test_strangers_are_unattributed(self):
        scraped = self.scraped["lkstats_unattributed_bytes_total"]
        unattributed = Counter({labels["direction"]: int(value) for labels, value in scraped})
        self.assertGreater(sum(unattributed.values()), 0)
        self.assertEqual(unattributed, self.ledger.unattributed_bytes)

    def test_the_type_of_an_answer_is_the_one_asked_for(self):
        self.assertEqual(self.openmetrics_type, OPENMETRICS)
        self.assertEqual(self.classic_type, PROMETHEUS)

    def test_promtool_finds_nothing(self):
        check = subprocess.run(
            ["promtool", "check", "metrics"], input=self.classic, capture_output=True, text=True, check=False
        )
        self.assertEqual((check.returncode, check.stdout + check.stderr), (0, ""))

    def test_a_strict_parser_reads_the_same_figures_in_both_formats(self):
        figures = without_sweeps(samples(read_openmetrics(self.openmetrics)))
        self.assertGreater(len(figures), 0)
        self.assertEqual(figures, without_sweeps(samples(read_prometheus(self.classic))))
        with self.assertRaises(ValueError):
            list(read_openmetrics(self.openmetrics.removesuffix("# EOF\n")))

    def test_there_are_as_many_series_as_before_anybody_came(self):
        self.assertEqual(samples(read_openmetrics(self.openmetrics)).keys(), self.at_first.keys())

    def test_no_label_names_a_participant_or_a_room(self):
        names = self.ledger.names | self.clients.names | {"PA_", "RM_", "TR_"}
        self.assertGreater(len(names), 10)
        values = {value for labels in self.series for value in labels.values()}
        self.assertIn("data_track", values)
        self.assertEqual([(name, value) for value in values for name in names if name in value], [])

    def test_the_manuals_queries_have_answers(self):
        queries = re.findall(r"```promql\n(.*?)```", MANUAL.read_text(), re.DOTALL)
        self.assertEqual(len(queries), 3)
        for query in queries:
            with self.subTest(query):
                self.assertNotEqual(self.prometheus.query(query), [])


if __name__ == "__main__":
    unittest.main()
