"""Arbitrary arguments: a documented exit status, no traceback, and valid JSON.

A failure never looks like an answer.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from support.commands import codekin_command
from support.git.repository import init_repository
from support.waiting import DEADLINE_S, wait_until

HALF = os.fsdecode(b"\xff")
BIDI = "u\u202ename é 名.py"
QUERIES = [
    *("", " ", "é名\u202e", HALF, "x" * 900, "-x", "--", "lang:", "path:[", "path:[z-a]", "at:--output=x"),
    *("after:0000-00-00", 'author:"', "kind:nope", "(a+)+$", "\\", "\n", "' OR 1=1", "$(touch pwned)", "%s%n", "*"),
    *("path:../../etc/passwd x", "at:HEAD:../../etc/passwd", "\x1b[31m", "a:b:c", "\u2028", "before:99999", "symbol:"),
]
PLACES = [
    *("../../etc/passwd", "/etc/passwd", "/etc/passwd:1", "passwd.txt:1", "etc_link/passwd:1", "loop/README.md:1"),
    *(
        "nope.py:5",
        "README.md:0",
        "README.md:-1",
        "README.md:99999999999999999999",
        "README.md:999999999",
        "README.md:5-2",
    ),
    *(
        ":",
        ":5",
        "",
        ".",
        "x" * 5_000,
        "x" * 5_000 + ":1",
        "README.md:1:2:3",
        "README.md:\u0663",
        "README.md:²",
        HALF,
        BIDI,
    ),
    *("a/" * 3_000, "\x1b]0;title\x07"),
]
BODIES = [
    *(
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"text": 5}',
        b'{"nope": 1}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"limit": 1e400}',
        b"NaN",
    ),
    *(b'{"ask": {"by": "text", "text": "\\ud800"}}', b'{"ask": {"by": "text", "text": "x"}, "limit": NaN}'),
    json.dumps({"ask": {"by": "text", "text": "x"}, "limit": 10**30}).encode(),
    json.dumps({"ask": {"by": "place", "path": "../" * 2_000}}).encode(),
    json.dumps({"ask": {"by": "place", "path": "x\0y"}}).encode(),
]
ARGUMENTS = [
    *(("search", "x", "/etc/passwd"), ("search", "x", "/nope"), ("search", "x", "x" * 5_000), ("search", "x", HALF)),
    *(
        ("search", "-n", "0", "x"),
        ("search", "-n", "1001", "x"),
        ("search", "-n", "²", "x"),
        ("search", "-n", "1e3", "x"),
    ),
    *(("search", "--threshold", value, "x") for value in ("nan", "inf", "-1", "1e400", "0x1")),
    *(("search", "--at", value, "x") for value in ("-x", "HEAD@{99999999}", "x" * 10_000, HALF, "\u202e")),
    *(("search", "--after", value, "x") for value in ("9999999", HALF, "2026-02-30")),
    *(("search", "--path", value, "x") for value in ("[", "!", "**/" * 500, HALF, "\\")),
    *(("search", "--symbol", "nope", "x"), ("search", "--lang", HALF, "x"), ("search", "--kind", "", "x")),
    *(("serve", "--metrics", "0.0.0.0:99999"), ("serve", "--metrics", "x"), ("serve", "--metrics", "127.0.0.1:²")),
    *(
        ("store", "migrate", "--from", "flat", "--to", "../../x"),
        ("store", "migrate", "--from", "flat", "--to", "flat"),
    ),
    *(
        ("store", "migrate", "--from", "nope", "--to", "x"),
        ("store", "share", "pgvector@../../x"),
        ("store", "share", HALF),
    ),
    *(
        ("nope",),
        ("search",),
        ("\x1b[31m",),
        (HALF,),
        ("search", "--\u202e", "x"),
        ("doctor", "--file", ""),
        ("query", "/nope"),
    ),
    *(
        ("query", "."),
        ("deep", "fill", "README.md"),
        ("mcp", "/nope"),
        ("status", "README.md"),
        ("clear", "--yes", "/nope"),
    ),
]
INVOCATIONS = [
    *(
        (("search", "--json", "--mode", mode, "--", query), b"")
        for query in QUERIES
        for mode in ("hybrid", "regex", "literal")
    ),
    *(((command, "--json", "--", place), b"") for place in PLACES for command in ("related", "blame")),
    *((("doctor", "--json", "--file", place), b"") for place in PLACES),
    *((("query", "--json", "-"), body) for body in BODIES),
    *((arguments, b"") for arguments in ARGUMENTS),
]
"""They run in one process that forks for each, which saves two minutes of imports."""
PROGRAM = """
import io, json, os, signal, sys, traceback
import codekin.engine, codekin.api, codekin.cli.output, codekin.cli.progress, codekin.history
from codekin.__main__ import main
for number, (arguments, body) in enumerate(json.load(open(sys.argv[1]))):
    child = os.fork()
    if child == 0:
        signal.alarm(30)
        for descriptor, name in ((1, "out"), (2, "err")):
            os.dup2(os.open(f"{sys.argv[2]}/{number}.{name}", os.O_WRONLY | os.O_CREAT, 0o600), descriptor)
        source = os.open(f"{sys.argv[2]}/{number}.in", os.O_RDWR | os.O_CREAT, 0o600)
        os.write(source, body.encode("latin-1"))
        os.lseek(source, 0, os.SEEK_SET)
        os.dup2(source, 0)
        sys.argv = ["codekin", *(os.fsdecode(argument.encode("latin-1")) for argument in arguments)]
        try:
            main()
        except SystemExit as error:
            sys.stdout.flush()
            os._exit(error.code if isinstance(error.code, int) else 1)
        except BaseException:
            traceback.print_exc()
            os._exit(99)
    _, status = os.waitpid(child, 0)
    with open(f"{sys.argv[2]}/{number}.code", "w") as file:
        file.write(str(os.waitstatus_to_exitcode(status)))
"""


@pytest.fixture(scope="module")
def ended(tmp_path_factory):
    """Run all invocations in a workspace with odd names and links.

    Returns (exit status, standard output, standard error) of each.
    """
    folder = tmp_path_factory.mktemp("odd")
    root, outputs = folder / "workspace", folder / "outputs"
    root.mkdir()
    outputs.mkdir()
    (root / "README.md").write_text("# Parcels\n\nHow retries work.\n")
    (root / BIDI).write_text("def right_to_left(): pass\n")
    (root / "evil_lines.txt").write_text(("a" * 40 + "!\n") * 500)
    (root / "etc_link").symlink_to("/etc")
    (root / "passwd.txt").symlink_to("/etc/passwd")
    (root / "loop").symlink_to(root)
    encoded = [
        [[os.fsencode(a).decode("latin-1") for a in arguments], body.decode("latin-1")]
        for arguments, body in INVOCATIONS
    ]
    (folder / "invocations.json").write_text(json.dumps(encoded))
    environment = {**os.environ, "CODEKIN_HOME": str(folder / "home"), "CODEKIN_EMBEDDER": "hashing"}
    subprocess.run(
        [sys.executable, "-c", PROGRAM, str(folder / "invocations.json"), str(outputs)],
        cwd=root,
        env=environment,
        timeout=280,
        check=True,
        stdin=subprocess.DEVNULL,
    )
    found = []
    for number in range(len(INVOCATIONS)):
        parts = [outputs / f"{number}.{name}" for name in ("code", "out", "err")]
        found.append((int(parts[0].read_text()), parts[1].read_bytes(), parts[2].read_text("utf-8", "replace")))
    return found


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
@pytest.mark.parametrize("number", range(len(INVOCATIONS)))
def test_it_ends_with_a_documented_status_and_without_a_traceback(ended, number):
    arguments, _ = INVOCATIONS[number]
    code, out, err = ended[number]
    assert code in (0, 1, 2), (arguments, err)
    assert "Traceback" not in err, (arguments, err)
    assert "unexpectedly" not in err, (arguments, err)
    assert not (set(err) - {"\n", "\t"}) & set(map(chr, (*range(32), 0x7F, 0x202E, 0x2028))), (arguments, err)
    if code == 2:
        assert err, arguments
        assert "No results" not in err
        assert not out, arguments
    elif "--json" in arguments:
        (line,) = out.decode("utf-8").splitlines()
        assert isinstance(json.loads(line, parse_constant=pytest.fail), dict)
        assert b"root:x:0" not in out


@pytest.fixture
def command(sample):
    """Runs a command of the shell in which `codekin` is the command line."""

    def run(line, *, program="-m codekin", **environment):
        shell = f'codekin() {{ "{sys.executable}" {program} "$@"; }}; {line}'
        done = subprocess.run(
            ["bash", "-c", shell],
            cwd=sample,
            capture_output=True,
            timeout=DEADLINE_S,
            env={**os.environ, **environment},
            check=False,
        )
        return done.returncode, done.stdout, done.stderr.decode()

    return run


@pytest.mark.parametrize("line", ["search retry . >&-", "status --json >&-", "blame README.md >&-", "doctor >&- <&-"])
def test_a_closed_output_is_a_failure_in_words(command, sample, line):
    init_repository(sample, "Begin")
    code, _, err = command(f"codekin {line}")
    assert code == 2
    assert err.count("\n") == 1
    assert "output" in err


def test_closed_streams_are_not_given_to_files(command):
    """The index is whole although descriptors 0 to 2 were free when it was written."""
    assert command("codekin index . >&- 2>&- <&-")[0] == 2
    code, out, _ = command("codekin index --json .")
    assert (code, json.loads(out)["embedded"]) == (0, 0)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no full device")
@pytest.mark.parametrize("line", ["search retry .", "search retry . --json", "status", "doctor", "--help", "--version"])
def test_a_full_disk_is_a_failure_in_words(command, line):
    code, _, err = command(f"codekin {line} >/dev/full")
    assert code == 2
    assert "No space left" in err
    assert "Exception" not in err


def test_a_reader_that_hangs_up_is_told_nothing(command):
    for line in ("search retry --limit 100", "search retry --limit 100 --json", "doctor"):
        code, _, err = command(f"codekin {line} | true; exit ${{PIPESTATUS[0]}}")
        assert code in (0, 2)
        assert not err


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_any_encoding_of_the_terminal_will_do(command, sample, encoding):
    (sample / "straße.py").write_text("def weigh_the_zebra(): return '名'\n")
    code, out, err = command("codekin search weigh_the_zebra", PYTHONIOENCODING=encoding)
    assert code == 0, err
    assert b"weigh_the_zebra" in out
    code, out, err = command("codekin search weigh_the_zebra --json", PYTHONIOENCODING=encoding)
    assert code == 0, err
    assert json.loads(out.decode("utf-8"))["results"][0]["path"] == "straße.py"


BROKEN = """-c '
import codekin.engine
def broken(self, *_):
    raise ZeroDivisionError("a line of file content")
codekin.engine.Engine.{method} = broken
from codekin.__main__ import main
main()
'"""


@pytest.mark.parametrize(
    ("method", "line"), [("search", "search retry"), ("status", "status"), ("status", "doctor --json")]
)
def test_what_nobody_foresaw_is_a_failure_and_not_nothing_found(command, home, method, line):
    code, out, err = command(f"codekin {line}", program=BROKEN.format(method=method))
    assert (code, out) == (2, b"")
    assert "No results" not in err
    assert "Traceback" not in err
    assert "ZeroDivisionError" in err
    assert str(home / "codekin.log") in err
    log = (home / "codekin.log").read_text()
    assert "in broken" in log
    assert "a line of file content" not in log + err


def test_an_interrupt_is_quiet(sample, home):
    for number in range(3_000):
        (sample / f"filler_{number}.py").write_text(f"def filler_{number}():\n    return {number}\n")
    process = subprocess.Popen(
        codekin_command("index", "."), cwd=sample, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    wait_until((home / "indexes").is_dir)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 130
    assert not out
    assert err.decode().splitlines()[-1] == "Interrupted. Committed data is kept."
    assert "Traceback" not in err.decode()


def test_doctor_takes_a_file_relative_to_here_or_to_the_folder(command, sample):
    (sample / "api/only_here.py").write_text("def here(): ...\n")
    for line in (
        "cd / && codekin doctor --file build/bundle.js $OLDPWD",
        "cd api && codekin doctor --file ../build/bundle.js ..",
        "cd api && codekin doctor --file build/bundle.js ..",
        "codekin doctor --file build/bundle.js",
        "codekin doctor --file $PWD/build/bundle.js",
    ):
        code, out, err = command(line)
        assert code == 0, err
        assert b".gitignore" in out, line
    assert b"not indexed yet" in command("cd api && codekin doctor --file only_here.py ..")[1]
    answer = json.loads(command("codekin doctor --json --file build/bundle.js")[1])
    assert answer["file"] == "build/bundle.js"
    assert ".gitignore" in answer["verdict"]
