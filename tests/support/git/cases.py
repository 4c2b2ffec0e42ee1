"""Random work trees and git's answers about them, with one call for thousands of cases."""

from __future__ import annotations

import os
import random
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from support.git.repository import SETTINGS

NAMES = [
    "a",
    "b",
    "ab",
    "abc",
    "foo",
    "bar",
    "foobar",
    "x.log",
    "y.txt",
    "Foo",
    "log",
    "data",
    "é",
    "a b",
    "d1",
    "[a]",
    "a-b",
]
PIECES = [
    *(
        "*",
        "?",
        "**",
        "[ab]",
        "[!a]",
        "[a-c]",
        "[^a-c]*",
        "[[:digit:]]",
        "[[:alpha:]]*",
        "[[:upper:]]*",
        "[[:space:]]",
        "[]a]",
        "[a-]",
    ),
    *(
        "\\a",
        "\\*",
        "\\ ",
        " ",
        "\\F",
        "[A-F]",
        "[\\]a]",
        "[[:nope:]]",
        "[z-a]",
        "[",
        "]",
        "{a,b}",
        "é",
        "[é]",
        ".",
        "-",
        "a*b",
        "*o",
    ),
]
ENDS = ["", "", "", "", " ", "  ", "\\ ", "\t", "\r", "\\", "\f"]
FILES = [
    *("a", "b", "ab", "abc", "foo", "x.log", "y.txt", "Foo", "é", "a b", "d1", "[a]", "a-b", "]"),
    *(
        "a/b",
        "a/x.log",
        "a/foo/b",
        "foo/bar",
        "foo/a/bar",
        "foo/ab",
        "log/data/y.txt",
        "log/keep",
        "data/raw/y.txt",
        "data/raw/a",
    ),
    *(
        "q/a",
        "q/foo",
        "q/x.log",
        "q/foo/bar/y.txt",
        "Foo/a",
        "foobar/x.log",
        "a/b/ab/foo",
        "ab/foo/a/bar/y.txt",
        "é/a",
        "a b/b",
    ),
]
"""Each case has these files. Only files: git takes a path that is not there for one."""


def pattern(rng: random.Random) -> str:
    """One line of an ignore file; about half of them match something."""
    if rng.random() < 0.03:
        return rng.choice(
            ["", "#a", "!", "/", "//", "\\#a", "\\!a", "***", "a\0b", "/**", "**/", "!**/", "**/**", "a**/b", "/*"]
        )
    components = []
    for _ in range(rng.choice([1, 1, 1, 2, 2, 3])):
        kind = rng.random()
        if kind < 0.2:
            components.append(rng.choice(["**", "*", "**", "***"]))
        elif kind < 0.6:
            components.append(rng.choice(NAMES))
        else:
            components.append("".join(rng.choice([*PIECES, *NAMES]) for _ in range(rng.choice([1, 2, 2, 3]))))
    body = rng.choice(["/"] * 20 + ["\\/"]).join(components)
    return (
        rng.choice(["", "", "", "!"])
        + rng.choice(["", "", "/"])
        + body
        + rng.choice(["", "", "", "/", "/"])
        + rng.choice(ENDS)
    )


def ignore_file(rng: random.Random, most: int = 4) -> bytes:
    """A few lines, now and then with a byte order mark or other line ends."""
    lines = [pattern(rng) for _ in range(rng.randrange(1, most + 1))]
    mark = b"\xef\xbb\xbf" if rng.random() < 0.02 else b""
    end = "\r\n" if rng.random() < 0.1 else "\n"
    return mark + end.join(lines).encode() + (b"\n" if rng.random() < 0.8 else b"")


def git(folder: Path, *arguments: str, given: bytes = b"") -> bytes:
    """What a command of git prints, whatever its exit status."""
    return subprocess.run(
        ["git", *SETTINGS, *arguments], cwd=folder, input=given, capture_output=True, check=False
    ).stdout


@dataclass
class Cases:
    """A repository in which each folder is a case with an ignore file, below common rules."""

    root: Path
    rng: random.Random
    count: int
    fold: bool = False
    around: bool = False
    files: list[bytes] = field(default_factory=list)

    def build(self) -> Cases:
        """Writes it to the disk."""
        git(self.root, "init", "-q")
        git(self.root, "config", "core.ignoreCase", "true" if self.fold else "false")
        if self.around:
            (self.root / ".gitignore").write_bytes(ignore_file(self.rng, 3))
            (self.root / ".git/info/exclude").write_bytes(ignore_file(self.rng, 3))
            (self.root / ".git/ignore").write_bytes(ignore_file(self.rng, 3))
            git(self.root, "config", "core.excludesFile", ".git/ignore")
        for case in range(self.count):
            folder = self.root / f"c{case}"
            folder.mkdir()
            (folder / ".gitignore").write_bytes(ignore_file(self.rng))
            if self.rng.random() < 0.2:
                (folder / "q").mkdir()
                (folder / "q/.gitignore").write_bytes(ignore_file(self.rng, 2))
        self.files = [os.fsencode(f"c{case}/{name}") for case in range(self.count) for name in FILES]
        return self

    def as_git_says(self) -> dict[str, str]:
        """Ignored path → "file:line: pattern" of the rule that decides."""
        said = git(
            self.root, "check-ignore", "--no-index", "-z", "-v", "-n", "--stdin", given=b"\0".join(self.files) + b"\0"
        )
        fields = [os.fsdecode(item) for item in said.split(b"\0")]
        found = {}
        for source, line, rule, path in zip(*(fields[start::4] for start in range(4)), strict=False):
            if rule and not rule.startswith("!"):
                found[path] = f"{source}:{line}: {rule}"
        return found


TREE = [
    *("b", "abc", "x.log", "y.txt", "d1", "[a]", "a-b", "a/b", "a/x.log", "a/foo/b", "foo/bar", "foo/a/bar", "foo/ab"),
    *("log/data/y.txt", "log/keep", "data/raw/y.txt", "data/raw/a", "foobar/x.log", "ab/foo/a/bar/y.txt", "a b/b"),
]
NESTED = ["b", "x.log", "foo/bar", "a/y.txt", "a/foo/b"]


@dataclass
class Trees:
    """A work tree on disk with tracked files and nested repositories."""

    root: Path
    rng: random.Random
    folders: int
    fold: bool = False
    nested: list[str] = field(default_factory=list)

    def build(self) -> Trees:
        """Writes it; a global ignore file is named by a file that the settings include."""
        git(self.root, "init", "-q")
        git(self.root, "config", "core.ignoreCase", "true" if self.fold else "false")
        git(self.root, "config", "include.path", "more settings")
        (self.root / ".git/more settings").write_text(f'[core] excludesFile = "../{self.root.name}/global" ; mine\n')
        (self.root / "global").write_bytes(ignore_file(self.rng, 2))
        (self.root / ".git/info/exclude").write_bytes(ignore_file(self.rng, 2))
        tracked: list[str] = []
        for number in range(self.folders):
            tracked += self._folder(f"t{number}")
        git(self.root, "add", "-f", "--pathspec-from-file=-", "--pathspec-file-nul", given="\0".join(tracked).encode())
        if self.rng.random() < 0.5:
            git(self.root, "update-index", "--index-version", "4")
        if self.rng.random() < 0.5:
            git(self.root, "update-index", "--split-index")
            git(self.root, "rm", "-q", "--cached", "--", *tracked[:1], *tracked[-1:])
            git(self.root, "add", "-f", "--", *tracked[-1:])
        return self

    def _folder(self, folder: str) -> list[str]:
        """Those of its files that git is to track."""
        rng = self.rng
        write(self.root / folder, TREE)
        for below in ("", "a", "foo", "data"):
            if rng.random() < (0.8 if not below else 0.25):
                (self.root / folder / below / ".gitignore").write_bytes(ignore_file(rng, 3))
        tracked = [f"{folder}/{name}" for name in TREE if rng.random() < 0.15]
        if rng.random() < 0.3:
            inner = f"{folder}/{rng.choice(['foo/sub', 'a/sub', 'sub', 'data/log'])}"
            write(self.root / inner, NESTED)
            git(self.root / inner, "init", "-q")
            git(self.root / inner, "config", "core.ignoreCase", "true" if self.fold else "false")
            (self.root / inner / ".gitignore").write_bytes(ignore_file(rng, 2))
            git(self.root / inner, "add", "-f", rng.choice(NESTED))
            git(self.root / inner, "commit", "-qm", "first")
            self.nested.append(inner)
            if rng.random() < 0.5:
                tracked.append(inner)
        return tracked

    def as_git_says(self) -> set[str]:
        """All files that git would show or tracks, in the repositories within it as well."""
        listed = self._listed("")
        files = {name for name in listed if not name.endswith("/")} - set(self.nested)
        for inner in self.nested:
            if inner in listed or f"{inner}/" in listed:
                files |= {f"{inner}/{name}" for name in self._listed(inner)}
        return files

    def _listed(self, folder: str) -> set[str]:
        said = git(self.root / folder, "ls-files", "-co", "--exclude-standard", "-z")
        return {os.fsdecode(name) for name in said.split(b"\0") if name}


def write(folder: Path, names: list[str]) -> None:
    """Empty files."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
