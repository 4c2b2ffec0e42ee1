"""Random work trees, and what git itself says about them: one call of git for thousands of cases."""

from __future__ import annotations

import os
import random
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

NAMES = ["a", "b", "ab", "abc", "foo", "bar", "foobar", "x.log", "y.txt", "Foo", "log", "data", "é", "a b", "d1", "[a]", "a-b"]
PIECES = [
    *("*", "?", "**", "[ab]", "[!a]", "[a-c]", "[^a-c]*", "[[:digit:]]", "[[:alpha:]]*", "[[:upper:]]*", "[[:space:]]", "[]a]", "[a-]"),
    *("\\a", "\\*", "\\ ", " ", "\\F", "[A-F]", "[\\]a]", "[[:nope:]]", "[z-a]", "[", "]", "{a,b}", "é", "[é]", ".", "-", "a*b", "*o"),
]
ENDS = ["", "", "", "", " ", "  ", "\\ ", "\t", "\r", "\\", "\f"]
FILES = [
    *("a", "b", "ab", "abc", "foo", "x.log", "y.txt", "Foo", "é", "a b", "d1", "[a]", "a-b", "]"),
    *("a/b", "a/x.log", "a/foo/b", "foo/bar", "foo/a/bar", "foo/ab", "log/data/y.txt", "log/keep", "data/raw/y.txt", "data/raw/a"),
    *("q/a", "q/foo", "q/x.log", "q/foo/bar/y.txt", "Foo/a", "foobar/x.log", "a/b/ab/foo", "ab/foo/a/bar/y.txt", "é/a", "a b/b"),
]
"""Each case has these files. Only files: git takes a path that is not there for one."""


def pattern(rng: random.Random) -> str:
    """One line of an ignore file; about half of them match something."""
    if rng.random() < 0.03:
        return rng.choice(["", "#a", "!", "/", "//", "\\#a", "\\!a", "***", "a\0b", "/**", "**/", "!**/", "**/**", "a**/b", "/*"])
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
        rng.choice(["", "", "", "!"]) + rng.choice(["", "", "/"]) + body + rng.choice(["", "", "", "/", "/"]) + rng.choice(ENDS)
    )


def ignore_file(rng: random.Random, most: int = 4) -> bytes:
    """A few lines, now and then with a byte order mark or other line ends."""
    lines = [pattern(rng) for _ in range(rng.randrange(1, most + 1))]
    mark = b"\xef\xbb\xbf" if rng.random() < 0.02 else b""
    end = "\r\n" if rng.random() < 0.1 else "\n"
    return mark + end.join(lines).encode() + (b"\n" if rng.random() < 0.8 else b"")


def git(folder: Path, *arguments: str, given: bytes = b"") -> bytes:
    """What a command of git prints, whatever its exit status."""
    settings = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org", "-c", "init.defaultBranch=main")
    return subprocess.run(["git", *settings, *arguments], cwd=folder, input=given, capture_output=True, check=False).stdout


@dataclass
class Cases:
    """A repository in which each folder is a case with an ignore file of its own, and rules for all of them around it."""

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
        said = git(self.root, "check-ignore", "--no-index", "-z", "-v", "-n", "--stdin", given=b"\0".join(self.files) + b"\0")
        fields = [os.fsdecode(item) for item in said.split(b"\0")]
        found = {}
        for source, line, rule, path in zip(*(fields[start::4] for start in range(4)), strict=False):
            if rule and not rule.startswith("!"):
                found[path] = f"{source}:{line}: {rule}"
        return found
