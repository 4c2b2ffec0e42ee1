"""A language server without a client library: bytes in, messages out, each within a deadline."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import queue
import subprocess
import threading

from support.commands import codekin_command
from support.waiting import DEADLINE_S, wait_until


class Raw:
    """`stderr` is a file for what it says; without one, that is thrown away."""

    def __init__(self, *, stderr=subprocess.DEVNULL, program=None, **environment):
        self.process = subprocess.Popen(
            codekin_command("serve", program=program),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env={**os.environ, "CODEKIN_EMBEDDER": "hashing", **environment},
        )
        self.numbers = itertools.count(1_000)
        self.newest = None
        self._messages = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def write(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, header=b"Content-Length", **message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.write(header + b": %d\r\n\r\n" % len(body) + body)

    def receive(self):
        """The next message; None when the server has closed its output."""
        return self._messages.get(timeout=DEADLINE_S)

    def answer(self, number):
        while (message := self.receive()) is not None:
            if message.get("id") == number and "method" not in message:
                return message
        return None

    def answers_until(self, number):
        """All answers that come up to the one of `number`, in order, that one left out."""
        found = []
        while (message := self.receive()) is not None:
            if "method" in message:
                continue
            if message.get("id") == number:
                return found
            found.append(message)
        raise AssertionError(f"the output ended before the answer to {number}")

    def ask(self, method, params=None):
        """The whole answer to a request."""
        number = next(self.numbers)
        self.send(id=number, method=method, params={} if params is None else params)
        return self.answer(number)

    def initialize(self, root, **more):
        params = {"processId": None, "rootUri": root.as_uri(), "capabilities": {}, **more}
        self.send(id=1, method="initialize", params=params)
        answer = self.answer(1)
        self.send(method="initialized", params={})
        return answer

    def status(self):
        return self.ask("codekin/status")["result"]

    def wait_ready(self):
        def is_ready():
            self.newest = self.status()
            return self.newest["coverage"]["complete"] and self.newest["state"] == "ready"

        wait_until(is_ready, lambda: f"never ready: {self.newest}")
        return self.newest

    def close(self):
        self.process.stdin.close()
        code = self.process.wait(DEADLINE_S)
        self._end()
        return code

    def stop(self):
        """Whatever state it is in."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        with contextlib.suppress(BrokenPipeError):  # what it was too dead to read
            self.process.stdin.close()
        self._end()

    def _end(self):
        self._reader.join(DEADLINE_S)
        self.process.stdout.close()

    def _read(self):
        while (message := self._next()) is not None:
            self._messages.put(message)
        self._messages.put(None)

    def _next(self):
        length = 0
        while (line := self.process.stdout.readline()) not in (b"\r\n", b""):
            if line.lower().startswith(b"content-length"):
                length = int(line.split(b":")[1])
        return json.loads(self.process.stdout.read(length), parse_constant=_no_json) if length else None


def _no_json(name):
    raise AssertionError(f"{name} is no JSON")
