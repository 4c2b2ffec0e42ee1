"""Install what the checks need and run them all: `python3 tests/everything.py`.

Only Python is needed to start it. Everything is installed into `.venv` and `node_modules` of the
checkout. Each step prints its command, and the first failure ends the run. Only tests get a second
chance: if at most three fail, they are run once more, and those that pass then are reported as
unstable. `--quick` checks what changed, in under a minute. `--install-only` installs and checks
nothing. Other arguments are passed to pytest.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import venv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from support.quick import changed_files, choose

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = ROOT / ".venv"
BIN = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
BESIDE_LIMIT_S = 1500.0
QUICK_LIMIT_S = 40.0
MIN_TESTS_S = 10.0
MOST_UNSTABLE = 3
STOP_S = 20.0  # pytest kills a worker that is in the middle of a test after 10 s
TESTS_FAILED = 1  # exit status of pytest
INTERRUPTED = 2  # exit status of an interrupted pytest without failures: see support/interrupts.py
TYPES: tuple[str | Path, ...] = (PYTHON, "-m", "mypy")
# Two at a time, because many tests wait for disks, servers and clocks. With three, tests of the
# editor that run beside them miss their deadlines.
PYTEST: tuple[str | Path, ...] = (PYTHON, "-m", "pytest", "-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")
DEEP_MODEL = ROOT / "server" / "deep_model"
FAILED_TESTS = ROOT / ".pytest_cache" / "v" / "cache" / "lastfailed"
RUN_FAILED = ("--last-failed", "--last-failed-no-failures", "none")


def run(title: str, *command: str | Path) -> None:
    """Run one step in the checkout and show its output as it appears."""
    print(f"\n== {title}: {_shown(command)}", flush=True)
    started = time.monotonic()
    status = _status(*command)
    _ended(title, status, time.monotonic() - started)


def run_tests(*arguments: str) -> None:
    """Run pytest; if at most `MOST_UNSTABLE` tests fail, run those once more, one at a time.

    One of thousands may fail on a busy machine for no fault of what it tests. It is reported, so
    that it can be mended, but a test that also fails alone ends the run.
    """
    print(f"\n== Tests: {_shown((*PYTEST, *arguments))}", flush=True)
    started = time.monotonic()
    FAILED_TESTS.unlink(missing_ok=True)
    status = _status(*PYTEST, *arguments)
    failed = _failed_tests() if status == TESTS_FAILED else []
    if failed and len(failed) <= MOST_UNSTABLE:
        print("\n== Run once more:", *failed, sep="\n   ", flush=True)
        status = _status(*PYTEST, "-n", "0", *RUN_FAILED, *arguments)
        unstable = [name for name in failed if name not in _failed_tests()]
        print("\n== Unstable, passed when run once more:", *unstable or ["none"], sep="\n   ", flush=True)
    _ended("Tests", status, time.monotonic() - started)


def _status(*command: str | Path) -> int:
    return subprocess.run(command, cwd=ROOT, env=_environment(), check=False).returncode


def _failed_tests() -> list[str]:
    """Return the names of the tests that failed in the latest run of pytest."""
    if not FAILED_TESTS.exists():
        return []
    return sorted(json.loads(FAILED_TESTS.read_text(encoding="utf-8")))


def run_until(ends: float, title: str, *command: str | Path) -> None:
    """Run pytest, and stop it when the monotonic clock reaches `ends`.

    Stopping is not a failure if no test had failed by then. On Windows pytest is not stopped.
    """
    limit_s = max(MIN_TESTS_S, ends - time.monotonic())
    print(f"\n== {title}, for at most {limit_s:.0f} s: {_shown(command)}", flush=True)
    started = time.monotonic()
    process = subprocess.Popen(command, cwd=ROOT, env=_environment(), start_new_session=os.name != "nt")
    try:
        status = process.wait(None if os.name == "nt" else limit_s)
    except subprocess.TimeoutExpired:
        status = _stop(process)
        print(f"== {title}: stopped at the limit; the full run includes the rest", flush=True)
    finally:
        if process.poll() is None:
            _end(process)
    _ended(title, status, time.monotonic() - started)


Step = tuple[str, Sequence[str | Path]]
"""A title and a command."""


class _Row(threading.Thread):
    """Steps that run one after another, until one fails."""

    def __init__(self, steps: Sequence[Step], output: IO[bytes]) -> None:
        super().__init__(daemon=True)
        self.ends: list[tuple[str, int, float]] = []
        """The title, the exit status and the duration in seconds of each step that has ended."""
        self._steps, self._output = steps, output
        self._process: subprocess.Popen[bytes] | None = None
        self._starting = threading.Lock()
        self._stopped = False

    def run(self) -> None:
        for title, command in self._steps:
            started = time.monotonic()
            with self._starting:
                if self._stopped:
                    return
                self._process = subprocess.Popen(
                    command,
                    cwd=ROOT,
                    env=_environment(),
                    stdout=self._output,
                    stderr=self._output,
                    start_new_session=os.name != "nt",
                )
            status = self._process.wait()
            self.ends.append((title, status, time.monotonic() - started))
            if status:
                return

    def stop(self) -> None:
        """Kill the step that runs, and start no other."""
        with self._starting:
            self._stopped = True
            if self._process and self._process.poll() is None:
                _end(self._process)


@contextmanager
def beside(*steps: Step) -> Iterator[None]:
    """Run steps one after another, in parallel with the block, and show their output at the end.

    If the block fails, they are stopped.
    """
    for title, command in steps:
        print(f"\n== {title}: {_shown(command)}, in parallel with the next steps", flush=True)
    ends = time.monotonic() + BESIDE_LIMIT_S
    with tempfile.TemporaryFile() as output:
        row = _Row(steps, output)
        row.start()
        try:
            yield
            row.join(max(1.0, ends - time.monotonic()))
        finally:
            row.stop()
            row.join()
            output.seek(0)
            titles = ", ".join(title for title, _ in steps)
            print(f"\n== Output of {titles}:\n{output.read().decode(errors='replace')}", flush=True)
    for title, status, seconds in row.ends:
        _ended(title, status, seconds)
    if len(row.ends) < len(steps):
        sys.exit(f"== {steps[len(row.ends)][0]} was not run within the limit")


def _stop(process: subprocess.Popen[bytes]) -> int:
    """Interrupt pytest and return 0 if no test had failed; 1 also if it does not end."""
    process.send_signal(signal.SIGINT)
    try:
        status = process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        print(f"== pytest did not end within {STOP_S:.0f} s, so its result is unknown", flush=True)
        return 1
    return 0 if status == INTERRUPTED else status


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the process and those that it started, because a browser would outlive it."""
    if os.name == "nt":
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _shown(command: Sequence[str | Path]) -> str:
    return " ".join(Path(part).name if isinstance(part, Path) else part for part in command)


def _environment() -> dict[str, str]:
    """Return the environment with the tools of `.venv` on PATH."""
    return {**os.environ, "PATH": os.pathsep.join([str(BIN), os.environ.get("PATH", "")])}


def _ended(title: str, status: int, seconds: float) -> None:
    if status:
        sys.exit(f"== {title} failed (exit status {status})")
    print(f"== {title}: done in {seconds:.0f} s", flush=True)


def install() -> None:
    """Create `.venv` and install the package with the requirements of the tests."""
    if not PYTHON.exists():
        print(f"== Create {ENVIRONMENT.name}", flush=True)
        venv.create(ENVIRONMENT, with_pip=True)
    # Modules that are imported are compiled then; compiling all takes longer than the downloads.
    quick = ("--quiet", "--disable-pip-version-check", "--no-compile")
    pip = (PYTHON, "-m", "pip", "install", *quick, "-c", ROOT / "constraints.txt")
    # Installed first, because pip might choose another version than the pinned one, which has a CPU
    # build.
    run("Install torch for the tests of the transformers extra", *pip, "torch")
    run("Install codekin", *pip, "-e", ".[test,check,transformers,editors,docs]")
    install_deep_model(pip)


def install_deep_model(pip: Sequence[str | Path]) -> None:
    """Install the deep model, unless its weights cannot be had here.

    Then its tests are skipped, and the extension is packaged without it.
    """
    command = (*pip, f"./{DEEP_MODEL.relative_to(ROOT).as_posix()}")
    print(f"\n== Install the deep model: {_shown(command)}", flush=True)
    if _status(*command):
        print("== The deep model is not installed (see above), so its tests are skipped", flush=True)
        os.environ["CODEKIN_WITHOUT_DEEP_MODEL"] = "1"


def check_style() -> None:
    """Check lint and format."""
    run("Lint", PYTHON, "-m", "ruff", "check", ".")
    run("Format", PYTHON, "-m", "ruff", "format", "--check", ".")


def types_on(system: str) -> Step:
    """Return the step that checks the types of code which only runs on another system."""
    options = ("--platform", system, "--no-warn-unreachable", "--cache-dir", ROOT / ".mypy_cache" / system)
    return f"Types on {system}", (*TYPES, *options)


def check_security() -> None:
    options = ("--quiet", "--recursive", "--configfile", ROOT / "pyproject.toml")
    run("Security", PYTHON, "-m", "bandit", *options, "server/codekin")


def check_layers() -> None:
    run("Layers", BIN / "lint-imports", "--no-cache")


def check_python(arguments: Sequence[str]) -> None:
    """Check lint, format, types, security and layers, and run pytest with these arguments."""
    check_style()
    run("Types", *TYPES)
    check_security()
    check_layers()
    run_tests(*arguments)


def check_quickly(arguments: Sequence[str]) -> None:
    """Check lint, format, types and layers, and run the tests of what changed within the limit."""
    ends = time.monotonic() + QUICK_LIMIT_S
    if not PYTHON.exists():
        install()
    base, changed = changed_files(ROOT)
    choice = choose(ROOT, changed)
    print(f"== {len(set(changed))} files differ from {base}:", *choice.lines(), sep="\n   ", flush=True)
    check_style()
    check_layers()
    with beside(("Types", TYPES)):
        if choice.typescript:
            check_typescript(find_npm())
        command = (*PYTEST, "-x", "-m", "not slow", *choice.tests, *arguments)
        run_until(ends, "Tests of what changed, except slow ones", *command)
    print("\n== The quick checks passed. Before a merge, run `python3 tests/everything.py`.", flush=True)


def in_editor(npm: str) -> Step:
    """Return the step that tests the extension in the real workbench.

    It is skipped, with a message, if the machine lacks its requirements.
    """
    return "End-to-end tests", (npm, "run", "--silent", "e2e", "--", "--if-possible")


def find_npm() -> str:
    """Return the path of npm, or exit if it is not installed."""
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("== npm not found. Install Node 20 or newer to test the TypeScript code.")
    return npm


def install_client(npm: str) -> None:
    run("Install the TypeScript tools", npm, "ci", "--no-audit", "--no-fund")


def check_typescript(npm: str) -> None:
    """Check types and lint of the TypeScript code, and run its tests."""
    run("Check TypeScript", npm, "run", "--silent", "check")


def check_everything(arguments: Sequence[str]) -> None:
    found = find_npm()
    install()
    install_client(found)
    check_typescript(found)
    # The editor mostly waits for screenshots. The types follow it, because it misses its deadlines
    # on a busy machine.
    with beside(in_editor(found), types_on("win32"), types_on("darwin")):
        check_python(arguments)
    print("\n== All checks passed", flush=True)


def parse(arguments: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
    """Return our options and the arguments for pytest."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--quick", action="store_true", help="check what changed since the merge base with main")
    which.add_argument("--install-only", action="store_true", help="install what the checks need")
    return parser.parse_known_args(arguments)


def main() -> None:
    options, others = parse(sys.argv[1:])
    if options.quick:
        check_quickly(others)
    elif options.install_only:
        install()
        install_client(find_npm())
    else:
        check_everything(others)


if __name__ == "__main__":
    main()
