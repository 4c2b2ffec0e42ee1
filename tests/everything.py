"""Installs what the checks need and runs them all: `python3 tests/everything.py`. Nothing but Python is needed to start it.

Everything goes into `.venv` and `node_modules` of the checkout. Each step says what it does; the first failure ends the run.
"""

from __future__ import annotations

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

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = ROOT / ".venv"
BIN = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
BESIDE_LIMIT_S = 1500.0


def run(title: str, *command: str | Path) -> None:
    """Runs one step in the checkout; its output is shown as it comes."""
    print(f"\n== {title}: {_shown(command)}", flush=True)
    started = time.monotonic()
    status = subprocess.run(command, cwd=ROOT, env=_environment(), check=False).returncode
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


def check_python() -> None:
    """Lint, format, types, layers, tests."""
    run("Lint", PYTHON, "-m", "ruff", "check", ".")
    run("Format", PYTHON, "-m", "ruff", "format", "--check", ".")
    run("Types", PYTHON, "-m", "mypy")
    for system in ("win32", "darwin"):  # code for other systems is not reachable on each of them
        cache = ROOT / ".mypy_cache" / system
        run(
            f"Types on {system}",
            PYTHON,
            "-m",
            "mypy",
            "--platform",
            system,
            "--no-warn-unreachable",
            "--cache-dir",
            cache,
        )
    run(
        "Security",
        PYTHON,
        "-m",
        "bandit",
        "--quiet",
        "--recursive",
        "--configfile",
        ROOT / "pyproject.toml",
        "server/codekin",
    )
    run("Layers", BIN / "lint-imports", "--no-cache")
    run("Docs", PYTHON, "-m", "mkdocs", "build", "--strict")
    # Two at a time: much of what is tested waits for disks, servers and clocks.
    run("Tests", PYTHON, "-m", "pytest", "-n", "2", "--dist", "loadfile", *sys.argv[1:])


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


def check_client(npm: str) -> None:
    """Types, lint and tests of what is written in TypeScript."""
    run("Install the TypeScript tools", npm, "ci", "--no-audit", "--no-fund")
    run("Check TypeScript", npm, "run", "--silent", "check")


if __name__ == "__main__":
    found = find_npm()
    install()
    check_client(found)
    with check_editor(found):
        check_python()
    print("\n== everything passed", flush=True)
