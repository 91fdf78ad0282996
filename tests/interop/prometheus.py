# SPDX-License-Identifier: Apache-2.0
"""A Prometheus with one target, scraped every second."""

import json
from urllib.parse import urlencode

import programs

CONFIGURATION = """
global:
  scrape_interval: 1s
scrape_configs:
  - job_name: relay
    static_configs:
      - targets: ["127.0.0.1:{port}"]
"""


class Prometheus(programs.Program):
    def __init__(self, directory, target_port):
        configuration = directory / "prometheus.yml"
        configuration.write_text(CONFIGURATION.format(port=target_port))
        super().__init__(
            directory / "prometheus.log",
            "prometheus",
            f"--config.file={configuration}",
            f"--storage.tsdb.path={directory / 'prometheus'}",
            "--web.listen-address=127.0.0.1:0",
        )
        port = self.until_it_says(r'msg="Listening on" address=127\.0\.0\.1:(\d+)')[1]
        self.url = f"http://127.0.0.1:{port}/api/v1"
        programs.until("Prometheus answers", lambda: self.ask("query", query="1"))

    def ask(self, what, **parameters):
        """The data of an answer. A query that it does not understand is an HTTP error."""
        answer = json.loads(programs.get(f"{self.url}/{what}?{urlencode(parameters)}")[1])
        assert answer["status"] == "success", answer
        return answer["data"]

    def query(self, expression):
        """Samples of an instant vector: labels and value, which is a text."""
        return [(each["metric"], each["value"][1]) for each in self.ask("query", query=expression)["result"]]
