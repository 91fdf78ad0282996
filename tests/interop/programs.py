# SPDX-License-Identifier: Apache-2.0
"""Programs that a story runs beside itself, each on a port of its own choice, none of which outlives it."""

import atexit
import ctypes
import re
import signal
import subprocess
import sys
import time
import urllib.request

PATIENCE_S = 60
PR_SET_PDEATHSIG = 1

# An end like any other: what is to be tidied up is.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

# Nothing here is for a proxy that the environment names.
_http = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def get(url, **headers):
    """The content type and the text of an answer."""
    request = urllib.request.Request(url, headers=headers)
    with _http.open(request, timeout=PATIENCE_S) as answer:
        return answer.headers["Content-Type"], answer.read().decode()


def until(wish, probe):
    """What probe says as soon as it says something; OSError is nothing."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            if said := probe():
                return said
        except OSError:
            pass
        if time.monotonic() > deadline:
            raise AssertionError(f"in {PATIENCE_S} s it did not come about that {wish}")
        time.sleep(0.05)


class Program:
    """A process with its output in a file. Leaving the context ends it, and so does the end of this process."""

    def __init__(self, log, *command):
        self.log = log
        # Bound here: a forked child had better not load anything.
        prctl = ctypes.CDLL(None, use_errno=True).prctl
        with open(log, "wb") as output:
            self.process = subprocess.Popen(
                [str(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                preexec_fn=lambda: prctl(PR_SET_PDEATHSIG, signal.SIGKILL),
            )
        atexit.register(self.kill)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def until_it_says(self, pattern):
        def said():
            alive = self.process.poll() is None
            match = re.search(pattern, self.log.read_text(errors="replace"))
            if not alive and not match:
                raise AssertionError(f"{self.process.args[0]} has ended:\n{self.tail()}")
            return match

        return until(f"{self.process.args[0]} says {pattern}", said)

    def must_end_well(self):
        status = self.process.wait(PATIENCE_S)
        if status != 0:
            raise AssertionError(f"{self.process.args[0]} ended with {status}:\n{self.tail()}")

    def tail(self):
        return self.log.read_text(errors="replace")[-3000:]
