"""Logs, metrics, status and doctor contain no text of files or queries, even after failures."""

from __future__ import annotations

import json
import urllib.request

MARKER = "quokkamarker"
FAILING = """
import sys
from codekin.engine import Engine
from codekin.__main__ import main
def refuse(method):
    whole = getattr(Engine, method)
    async def failing(self, *arguments, **options):
        asked = repr(arguments) + open("{file}").read()
        if "fail" in asked:
            try:
                int(asked)
            except ValueError as error:
                raise RuntimeError("cannot read " + asked) from error
        return await whole(self, *arguments, **options)
    setattr(Engine, method, failing)
for method in ("search", "related", "facets_of"):
    refuse(method)
sys.argv += ["--metrics", "127.0.0.1:0"]
main()
"""


def test_what_fails_on_a_text_tells_nothing_of_it(raw, sample, home, tmp_path):
    file = sample / "walrus.py"
    file.write_text(f"def walrus_{MARKER}():\n    return 'fail {MARKER}'\n")
    with (tmp_path / "stderr").open("wb") as stderr:
        server = raw(program=FAILING.format(file=file), stderr=stderr)
        server.initialize(sample)
        server.wait_ready()
        here = {"textDocument": {"uri": file.as_uri()}, "position": {"line": 0, "character": 0}}
        asked = [
            ("codekin/search", {"query": f"fail {MARKER}"}),
            ("codekin/related", here),
            ("textDocument/hover", here),
            ("codekin/filters", {}),
            ("codekin/search", {"query": f"({MARKER}", "mode": "regex"}),
            ("codekin/search", {"query": f"x after:{MARKER}"}),
            ("codekin/search", {"query": f"x at:{MARKER}"}),
            ("codekin/search", {"query": "x", "mode": MARKER}),
            ("codekin/search", {"query": {MARKER: 1}}),
            (MARKER, {MARKER: MARKER}),
            ("textDocument/hover", {"textDocument": {"uri": 5, MARKER: MARKER}}),
        ]
        codes = [server.ask(method, params)["error"]["code"] for method, params in asked]
        assert codes.count(-32603) == 4 + 3, (
            "the searches for a pattern, a date and a revision fail as well: the file says so"
        )
        changed = {"textDocument": {"uri": file.as_uri(), "version": 2}, "contentChanges": [{"text": f"fail {MARKER}"}]}
        server.send(method="textDocument/didChange", params=changed)
        server.write(b"Content-Length: 30\r\n\r\n" + f"{MARKER * 3}".encode()[:30])
        status, doctor = server.ask("codekin/status")["result"], server.ask("codekin/doctor")["result"]
        with urllib.request.urlopen(status["metricsUrl"]) as page:
            metrics = page.read().decode()
        server.close()
    log = (home / "codekin.log").read_text()
    for name, text in {
        "log": log,
        "standard error": (tmp_path / "stderr").read_text(),
        "status": json.dumps(status),
        "doctor": json.dumps(doctor),
        "metrics": metrics,
    }.items():
        assert MARKER not in text, f"{name}: {text[max(0, text.find(MARKER) - 300) :][:600]}"
    assert "RuntimeError" in log, "what failed can be told"
    assert "Caused by:" in log
    assert sum(status["failures"].values()) == 7, (status["failures"], log)
