"""The commands as a user types them."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from codekin.domain.search import FILTER_NAMES
from support.commands import run_codekin
from support.git.repository import init_repository


@pytest.fixture
def codekin(sample):
    """Run a command in the sample workspace and return (exit status, output, standard error)."""

    def run(*arguments, **environment):
        done = run_codekin(*arguments, cwd=sample, **environment)
        return done.returncode, done.stdout, done.stderr

    return run


def test_search_answers_the_readme_question_without_an_index(codekin):
    code, out, _ = codekin("search", "where is the retry logic?")
    assert code == 0
    assert "call_with_retry" in out.splitlines()[0]
    assert "api/parcelpost/carriers.py" in out.splitlines()[0]


def test_json_shapes(codekin):
    code, out, _ = codekin("index", "--json")
    report = json.loads(out)
    assert code == 0
    assert set(report) == {"files", "chunks", "commits", "embedded", "reused", "skipped", "seconds"}
    code, out, _ = codekin("search", "call_with_retry", "--json", "--limit", "1", "--explain")
    answer = json.loads(out)
    (result,) = answer["results"]
    assert result["path"] == "api/parcelpost/carriers.py"
    assert result["start_line"] == 11
    assert result["end_line"] >= 24
    assert sum(result["parts"].values()) == pytest.approx(result["score"], abs=1e-5)
    assert answer["coverage"] == {"indexed": report["files"], "total": report["files"], "complete": True}
    assert json.loads(codekin("status", "--json")[1])["files"] == report["files"]


def test_exit_status(codekin):
    assert codekin("search", "zzzz", "--mode", "literal")[0] == 1
    for arguments in (
        ("search",),
        ("search", "x", "no/such/folder"),
        ("search", "x", "--mode", "psychic"),
        ("search", "(", "--mode", "regex"),
        ("search", "x", "--after", "soon"),
        ("related", "no/such/file.py"),
        ("nonsense",),
    ):
        code, out, err = codekin(*arguments)
        assert code == 2, arguments
        assert err
        assert "Traceback" not in err
        assert not out
    code, _, err = codekin("search", "x", CODEKIN_EMBEDDER="oracle")
    assert code == 2
    assert "oracle" in err
    assert codekin("search", "x", CODEKIN_METADATA="papyrus")[0] == 2
    assert codekin("search", "x", CODEKIN_VECTORS="papyrus")[0] == 2
    assert codekin("--version")[0] == codekin("--help")[0] == 0


def test_related_doctor_and_clear(codekin):
    code, out, _ = codekin("related", "api/parcelpost/carriers.py:14")
    assert code == 0
    assert "1." in out
    code, out, _ = codekin("doctor")
    assert "Store for metadata: sqlite" in out
    assert "golden_queries" in out
    assert "build" in codekin("doctor", "--file", "build/bundle.js")[1]
    assert codekin("clear", "--yes")[0] == 0
    assert json.loads(codekin("status", "--json")[1])["files"] == 0


def test_doctor_says_which_lines_of_a_file_are_too_long(codekin, sample):
    (sample / "plot.py").write_text("import os\nDATA = [" + "1, " * 4_000 + "]\n\n\ndef freight():\n    return DATA\n")
    assert codekin("index")[0] == 0
    said = codekin("doctor", "--file", "plot.py")[1]
    assert "Indexed in" in said
    assert "Long lines: 1 (line 2)" in said
    assert "Long lines" not in codekin("doctor", "--file", "api/parcelpost/carriers.py")[1]
    assert "plot.py" in codekin("search", "freight", "--mode", "lexical")[1]


def test_filters_on_the_command_line(codekin):
    _, out, _ = codekin("search", "limit", "--lang", "go", "--json")
    assert {result["language"] for result in json.loads(out)["results"]} == {"go"}
    _, out, _ = codekin("search", "retry", "--kind", "test", "--path", "api/**", "--json")
    assert {result["path"] for result in json.loads(out)["results"]} <= {
        "api/tests/test_carriers.py",
        "api/tests/test_pricing.py",
    }


def test_index_in_the_workspace_when_asked(codekin, sample):
    assert codekin("index", CODEKIN_PLACE="workspace")[0] == 0
    assert (sample / ".codekin/.gitignore").read_text() == "*\n"
    if os.name == "posix":
        assert (sample / ".codekin").stat().st_mode & 0o077 == 0


def test_a_reader_that_hangs_up_is_no_error_of_ours(codekin, sample):
    command = f"{sys.executable} -m codekin search retry --limit 100 | head -n 1"
    done = subprocess.run(command, shell=True, cwd=sample, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr


def test_a_query_is_printed_kept_and_run(codekin, sample):
    arguments = ("retry", "--lang", "python", "--limit", "3", "--threshold", "0.2", "--rerank", "similarity")
    code, printed, _ = codekin("search", *arguments, "--print-query")
    assert code == 0
    (sample / "saved.json").write_text(printed)
    code, out, _ = codekin("query", "saved.json", "--json")
    assert code == 0
    found = json.loads(out)["results"]
    assert found == json.loads(codekin("search", *arguments, "--json")[1])["results"]
    assert 0 < len(found) <= 3
    (sample / "saved.json").write_text('{"colour": "red"}')
    code, out, err = codekin("query", "saved.json")
    assert (code, out) == (2, "")
    assert "colour" in err
    (sample / "saved.json").write_text('{"ask": {"by": "text", "text": "zzzz", "mode": "literal"}}')
    # The query's own file holds the text that it looks for.
    assert codekin("query", "saved.json", "api")[0] == 1
    assert codekin("query", "missing.json")[0] == 2
    assert codekin("search", "x", "--mode", "regex", "--rerank", "diversity")[0] == 2


def test_blame_says_who_changed_lines(codekin, sample):
    init_repository(sample, "Begin")
    code, out, _ = codekin("blame", "api/parcelpost/carriers.py:3-5")
    assert code == 0
    assert out.startswith("3-5  ")
    assert out.rstrip().endswith("Begin")
    (sample / "api/parcelpost/carriers.py").write_text("new = 1\n")
    answer = json.loads(codekin("blame", "api/parcelpost/carriers.py", "--json")[1])
    assert answer == {"lines": [{"start_line": 1, "end_line": 1, "committed": False}]}
    (sample / "fresh.py").write_text("x = 1\n")
    for place, why in (
        ("fresh.py", "in no commit"),
        ("api/parcelpost/carriers.py:9", "has no line 9"),
        ("none", "is not a file"),
    ):
        code, _, error = codekin("blame", place)
        assert code == 2
        assert why in error


def test_search_has_an_option_for_every_filter():
    from codekin.cli.commands import search

    assert set(FILTER_NAMES) <= {option.name for option in search.params}


def test_every_group_of_commands_is_there(codekin):
    for group in ("deep", "store"):
        code, out, _ = codekin(group, "--help")
        assert code == 0
        assert f"codekin {group}" in out
