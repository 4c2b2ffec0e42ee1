"""Installs what the checks need and runs them all: `python3 tests/everything.py`. Nothing but Python is needed to start it.

Everything goes into `.venv` and `node_modules` of the checkout. Each step says what it does; the first failure ends the run.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = ROOT / ".venv"
BIN = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
# A CPU build: plain `torch` would bring gigabytes of CUDA along.
TORCH = "torch==2.13.0"


def run(title: str, *command: str | Path) -> None:
    """Runs one step in the checkout; its output is shown as it comes."""
    print(
        f"\n== {title}: {' '.join(Path(part).name if isinstance(part, Path) else part for part in command)}", flush=True
    )
    started = time.monotonic()
    # As in any shell outside an activated environment: the tools find each other by PATH.
    path = os.pathsep.join([str(BIN), os.environ.get("PATH", "")])
    status = subprocess.run(command, cwd=ROOT, env={**os.environ, "PATH": path}, check=False).returncode
    if status:
        sys.exit(f"== {title} failed (exit status {status})")
    print(f"== {title}: done in {time.monotonic() - started:.0f} s", flush=True)


def install() -> None:
    """Makes `.venv` and installs the package with all that the tests use."""
    if not PYTHON.exists():
        print(f"== making {ENVIRONMENT.name}", flush=True)
        venv.create(ENVIRONMENT, with_pip=True)
    pip = (PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    run("Install torch for the tests of the transformers extra", *pip, TORCH)
    run("Install codekin", *pip, "-e", ".[test,check,transformers,editors]")


def check_python() -> None:
    """Lint, format, types, layers, tests."""
    run("Lint", PYTHON, "-m", "ruff", "check", ".")
    run("Format", PYTHON, "-m", "ruff", "format", "--check", ".")
    run("Types", PYTHON, "-m", "mypy")
    run("Layers", BIN / "lint-imports", "--no-cache")
    run("Tests", PYTHON, "-m", "pytest", *sys.argv[1:])


def check_editor(npm: str) -> None:
    """The extension in the real workbench; where the machine lacks what that needs, it says so and is no failure."""
    run("End-to-end tests", npm, "run", "--silent", "e2e", "--", "--if-possible")


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
    check_python()
    check_editor(found)
    print("\n== everything passed", flush=True)
