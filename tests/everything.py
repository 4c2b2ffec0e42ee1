"""Installs what the checks need and runs them all: `python3 tests/everything.py`. Nothing but Python is needed to start it.

Everything goes into `.venv` and `node_modules` of the checkout. Each step says what it does; the first failure ends the run.
`--quick` checks what changed, in under a minute; `--install-only` installs and checks nothing. Other arguments go to pytest.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from support.quick import changed_files, choose

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = ROOT / ".venv"
BIN = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
BESIDE_LIMIT_S = 1500.0
QUICK_LIMIT_S = 40.0
LEAST_FOR_TESTS_S = 10.0
STOP_S = 20.0  # a worker of pytest that is in the middle of a test is killed after 10
INTERRUPTED = 2  # of pytest, where nothing had failed: see support/interrupts.py
TYPES: tuple[str | Path, ...] = (PYTHON, "-m", "mypy")
# Two at a time: much of what is tested waits for disks, servers and clocks.
PYTEST: tuple[str | Path, ...] = (PYTHON, "-m", "pytest", "-n", "2", "--dist", "loadfile")


def run(title: str, *command: str | Path) -> None:
    """Runs one step in the checkout; its output is shown as it comes."""
    print(f"\n== {title}: {_shown(command)}", flush=True)
    started = time.monotonic()
    status = subprocess.run(command, cwd=ROOT, env=_environment(), check=False).returncode
    _ended(title, status, started)


def run_until(ends: float, title: str, *command: str | Path) -> None:
    """Runs pytest, and stops it when the monotonic clock reaches `ends`: that is no failure if none of its tests had failed by
    then. On Windows it takes its time.
    """
    limit_s = max(LEAST_FOR_TESTS_S, ends - time.monotonic())
    print(f"\n== {title}, for {limit_s:.0f} s at most: {_shown(command)}", flush=True)
    started = time.monotonic()
    process = subprocess.Popen(command, cwd=ROOT, env=_environment(), start_new_session=os.name != "nt")
    try:
        status = process.wait(None if os.name == "nt" else limit_s)
    except subprocess.TimeoutExpired:
        status = _stop(process)
        print(f"== {title}: stopped at the limit; the full run has the rest", flush=True)
    finally:
        if process.poll() is None:
            _end(process)
    _ended(title, status, started)


@contextmanager
def beside(title: str, *command: str | Path) -> Iterator[None]:
    """Runs a step beside those in the block, as long as both take; its output is shown at the end. A block that fails ends it."""
    print(f"\n== {title}: {_shown(command)}, beside what follows", flush=True)
    started = time.monotonic()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=_environment(), stdout=output, stderr=output, start_new_session=os.name != "nt"
        )
        try:
            yield
            status = process.wait(max(1.0, started + BESIDE_LIMIT_S - time.monotonic()))
        finally:
            if process.poll() is None:
                _end(process)
            output.seek(0)
            print(f"\n== {title}, run beside:\n{output.read().decode(errors='replace')}", flush=True)
    _ended(title, status, started)


def _stop(process: subprocess.Popen[bytes]) -> int:
    """Has pytest end its workers and say how far it came. 0 if nothing had failed by then; 1 also if it does not end."""
    process.send_signal(signal.SIGINT)
    try:
        status = process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        print(f"== it did not end in {STOP_S:.0f} s, so what it had found is not known", flush=True)
        return 1
    return 0 if status == INTERRUPTED else status


def _end(process: subprocess.Popen[bytes]) -> None:
    """With what it started: a browser would outlive it."""
    if os.name == "nt":
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _shown(command: Sequence[str | Path]) -> str:
    return " ".join(Path(part).name if isinstance(part, Path) else part for part in command)


def _environment() -> dict[str, str]:
    """As in any shell outside an activated environment: the tools find each other by PATH."""
    return {**os.environ, "PATH": os.pathsep.join([str(BIN), os.environ.get("PATH", "")])}


def _ended(title: str, status: int, started: float) -> None:
    if status:
        sys.exit(f"== {title} failed (exit status {status})")
    print(f"== {title}: done in {time.monotonic() - started:.0f} s", flush=True)


def install() -> None:
    """Makes `.venv` and installs the package with all that the tests use."""
    if not PYTHON.exists():
        print(f"== making {ENVIRONMENT.name}", flush=True)
        venv.create(ENVIRONMENT, with_pip=True)
    pip = (PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-c", ROOT / "constraints.txt")
    # By itself, since the version that is pinned has a CPU build: with the rest of them, another one might be looked for.
    run("Install torch for the tests of the transformers extra", *pip, "torch")
    run("Install codekin", *pip, "-e", ".[test,check,transformers,editors,docs]")


def check_style() -> None:
    """Lint and format."""
    run("Lint", PYTHON, "-m", "ruff", "check", ".")
    run("Format", PYTHON, "-m", "ruff", "format", "--check", ".")


def check_other_systems() -> None:
    """Types of the code for other systems, which is not reachable on each of them."""
    for system in ("win32", "darwin"):
        options = ("--platform", system, "--no-warn-unreachable", "--cache-dir", ROOT / ".mypy_cache" / system)
        run(f"Types on {system}", PYTHON, "-m", "mypy", *options)


def check_security() -> None:
    options = ("--quiet", "--recursive", "--configfile", ROOT / "pyproject.toml")
    run("Security", PYTHON, "-m", "bandit", *options, "server/codekin")


def check_layers() -> None:
    run("Layers", BIN / "lint-imports", "--no-cache")


def check_python(arguments: Sequence[str]) -> None:
    """Lint, format, types, security, layers, and the tests with these arguments to pytest."""
    check_style()
    run("Types", *TYPES)
    check_other_systems()
    check_security()
    check_layers()
    run("Tests", *PYTEST, *arguments)


def check_quickly(arguments: Sequence[str]) -> None:
    """Lint, format, types, layers and the tests of what changed, as far as they come in the time."""
    ends = time.monotonic() + QUICK_LIMIT_S
    if not PYTHON.exists():
        install()
    base, changed = changed_files(ROOT)
    choice = choose(ROOT, changed)
    print(f"== {len(set(changed))} files differ from {base}:", *choice.lines(), sep="\n   ", flush=True)
    check_style()
    check_layers()
    with beside("Types", *TYPES):
        if choice.typescript:
            check_typescript(find_npm())
        command = (*PYTEST, "-x", "-m", "not slow", *choice.tests, *arguments)
        run_until(ends, "Tests of what changed, without slow ones", *command)
    print("\n== the quick checks found nothing; before a merge, run python3 tests/everything.py", flush=True)


def check_editor(npm: str) -> AbstractContextManager[None]:
    """The extension in the real workbench, which mostly waits for pictures: so it is tested beside the rest. Where the machine
    lacks what that needs, it says so and is no failure.
    """
    return beside("End-to-end tests", npm, "run", "--silent", "e2e", "--", "--if-possible")


def find_npm() -> str:
    """npm's path; without it nothing is run."""
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("== Node 20 or newer with npm is needed for the tests of what is written in TypeScript")
    return npm


def install_client(npm: str) -> None:
    run("Install the TypeScript tools", npm, "ci", "--no-audit", "--no-fund")


def check_typescript(npm: str) -> None:
    """Types, lint and tests of what is written in TypeScript."""
    run("Check TypeScript", npm, "run", "--silent", "check")


def check_everything(arguments: Sequence[str]) -> None:
    found = find_npm()
    install()
    install_client(found)
    check_typescript(found)
    with check_editor(found):
        check_python(arguments)
    print("\n== everything passed", flush=True)


def parse(arguments: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
    """(our options, what goes to pytest)."""
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
