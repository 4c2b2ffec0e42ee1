"""Ignore rules that git keeps outside the workspace or its work tree, read without running git."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from codekin.watching.patterns import Patterns

_EXCLUDES_FILE = re.compile(r"^\s*excludesfile\s*=\s*\"?(.+?)\"?\s*$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Outer:
    """Patterns of a folder at or above the root. `prefix` leads from there to the root: "" or "a/b/"."""

    patterns: Patterns
    prefix: str


def outer_rules(root: Path) -> list[Outer]:
    """What git's ignore files outside the root's tree say, the strongest first: the .gitignore files of the folders above up
    to the top of the repository, its .git/info/exclude, the user's global file. A root that its repository ignores was
    opened on purpose, so the repository says nothing about it.
    """
    real = root.resolve()
    top = _top(real)
    inside = real.relative_to(top).as_posix() + "/" if top and top != real else ""
    found = _repository(top, inside) if top else []
    if inside and _ignores(found, inside):
        found, inside = [], ""
    everywhere = Patterns(*_excludes_file())
    return [*found, Outer(everywhere, inside)] if everywhere else found


def _top(real: Path) -> Path | None:
    """The nearest folder at or above `real` that holds a .git; None outside a repository."""
    return next((folder for folder in (real, *real.parents) if (folder / ".git").exists()), None)


def _repository(top: Path, inside: str) -> list[Outer]:
    names = inside.split("/")[:-1]
    found = []
    for depth in range(len(names) - 1, -1, -1):
        file = top.joinpath(*names[:depth], ".gitignore")
        patterns = Patterns("../" * (len(names) - depth) + ".gitignore", read_lines(file))
        found.append(Outer(patterns, "/".join(names[depth:]) + "/"))
    found.append(Outer(Patterns(".git/info/exclude", _info_exclude(top)), inside))
    return [outer for outer in found if outer.patterns]


def _ignores(found: Sequence[Outer], inside: str) -> bool:
    """Whether a rule ignores the root or a folder that it lies in, as seen from the top of the repository."""
    names = inside.split("/")[:-1]
    for last in range(1, len(names) + 1):
        path = "/".join(names[:last])
        for outer in found:
            start = len(inside) - len(outer.prefix)
            if start >= len(path):
                continue
            verdict = outer.patterns.verdict(path[start:], is_dir=True)
            if verdict is not None:
                if verdict[0]:
                    return True
                break
    return False


def _info_exclude(top: Path) -> list[str]:
    """Lines of .git/info/exclude; worktrees share their repository's."""
    entry = top / ".git"
    directory = entry
    if entry.is_file():
        target = _read(entry).removeprefix("gitdir:").strip()
        directory = top / target
        common = _read(directory / "commondir").strip()
        directory = directory / common if common else directory
    return _read(directory / "info" / "exclude").splitlines()


def _excludes_file() -> tuple[str, list[str]]:
    """(name, lines) of the user's global ignore file: core.excludesFile, else git's default place."""
    configs = (_config_home() / "git" / "config", Path("~/.gitconfig").expanduser())
    named = [name for config in configs for name in _EXCLUDES_FILE.findall(_read(config))]
    file = Path(named[-1]).expanduser() if named else _config_home() / "git" / "ignore"
    return "global git ignore file", _read(file).splitlines()


def read_lines(file: Path) -> list[str]:
    """The lines of an ignore file; none where there is none that can be read."""
    return _read(file).splitlines() if file.is_file() else []


def _config_home() -> Path:
    return Path(os.environ.get("XDG_CONFIG_HOME") or "~/.config").expanduser()


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        return ""
