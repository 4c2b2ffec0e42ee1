"""What `tests/everything.py --quick` checks: the tests of what changed.

Nothing but Python and git is needed.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

ALWAYS = "tests/test_repository.py"
PACKAGE = ("server", "codekin")
TYPESCRIPT = ("client", "tests/e2e", "package.json", "package-lock.json", "tsconfig.json", "eslint.config.mjs")
SHARED = ("tests", "tests/support")
MANIFEST = {"package.json", "server/codekin/config.py", "client/src/settings.ts"}


@dataclass(frozen=True, slots=True)
class Choice:
    """The chosen checks.

    `tests` maps a folder or file of tests to its changed files, most changed files first.
    `typescript` has the changed files that `npm run check` covers, `left` those that only the full
    run covers.
    """

    tests: dict[str, tuple[str, ...]]
    typescript: tuple[str, ...]
    left: tuple[str, ...]

    def lines(self) -> list[str]:
        """The choice and its reasons, for people."""
        told = [f"{place}: {_named(files)} changed" for place, files in self.tests.items() if files]
        told += [f"{place}: always" for place, files in self.tests.items() if not files]
        told += [f"npm run check: {_named(self.typescript)} changed"] if self.typescript else []
        told += [f"left to the full run: {_named(self.left)}"] if self.left else []
        return told


def choose(root: Path, changed: Iterable[str]) -> Choice:
    """Choose tests by the names of changed files, relative to `root` with slashes.

    Deleted files are included.
    """
    chosen: dict[str, list[str]] = {}
    typescript, left = [], []
    for name in sorted(set(changed)):
        places = [place for place in _tests_of(root, name) if (root / place).exists()]
        for place in places:
            chosen.setdefault(place, []).append(name)
        if _is_under(name, TYPESCRIPT):
            typescript.append(name)
        elif not places:
            left.append(name)
    whole = {place: files for place, files in chosen.items() if not _is_within(place, chosen)}
    tests = {place: tuple(files) for place, files in sorted(whole.items(), key=lambda item: (-len(item[1]), item[0]))}
    return Choice(tests if ALWAYS in tests else {**tests, ALWAYS: ()}, tuple(typescript), tuple(left))


def changed_files(root: Path) -> tuple[str, list[str]]:
    """Return what the working tree is compared with, and the names of the files that differ.

    It is compared with the merge base with main, or else with the last commit. Files that git does
    not track and does not ignore count as changed.
    """
    for main in ("main", "origin/main"):
        found = subprocess.run(
            ["git", "merge-base", "HEAD", main], cwd=root, capture_output=True, text=True, check=False
        )
        if found.returncode == 0:
            base, words = found.stdout.strip(), f"the merge base with {main}"
            break
    else:
        base, words = "HEAD", "the last commit"
    differing = _git(root, "diff", "--name-only", "--no-renames", "-z", base)
    return words, [*differing, *_git(root, "ls-files", "--others", "--exclude-standard", "-z")]


def _git(root: Path, *arguments: str) -> list[str]:
    done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, encoding="utf-8", check=True)
    return [name for name in done.stdout.split("\0") if name]


def _tests_of(root: Path, name: str) -> list[str]:
    """The places where a changed file has its tests, if they exist."""
    path = PurePosixPath(name)
    places = ["tests/test_manifest.py"] if name in MANIFEST else []
    if path.suffix == ".md":
        places.append(ALWAYS)
    if path.parts[:2] == PACKAGE and len(path.parts) > 2:
        own = path.parts[2].removesuffix(".py")
        places += [f"tests/{own}", f"tests/test_{own}.py"]
    elif name.startswith("tests/") and path.match("test_*.py"):
        places.append(name)
    elif path.parent.as_posix() in SHARED:
        places.append(f"tests/test_{path.stem}.py")
    elif name.startswith("tests/") and not _is_under(name, ("tests/e2e", *SHARED[1:])):
        places.append(path.parent.as_posix())
    return places


def _is_under(name: str, places: Iterable[str]) -> bool:
    return any(name == place or name.startswith(f"{place}/") for place in places)


def _is_within(place: str, chosen: Iterable[str]) -> bool:
    """Whether another chosen folder contains the place, so that its tests run anyway."""
    return any(place.startswith(f"{other}/") for other in chosen)


def _named(files: tuple[str, ...]) -> str:
    """A name, or the first of several."""
    return files[0] if len(files) == 1 else f"{files[0]} and {len(files) - 1} more"
