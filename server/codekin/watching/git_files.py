"""Ignore rules that git keeps outside the work tree, read without running git."""

from __future__ import annotations

import os
import re
from pathlib import Path

_EXCLUDES_FILE = re.compile(r"^\s*excludesfile\s*=\s*\"?(.+?)\"?\s*$", re.IGNORECASE | re.MULTILINE)


def info_exclude(root: Path) -> tuple[str, list[str]]:
    """(name, lines) of .git/info/exclude of the repository whose top is `root`; worktrees share their repository's."""
    entry = root / ".git"
    directory = entry
    if entry.is_file():
        target = _read(entry).removeprefix("gitdir:").strip()
        directory = root / target
        common = _read(directory / "commondir").strip()
        directory = directory / common if common else directory
    return ".git/info/exclude", _read(directory / "info" / "exclude").splitlines()


def excludes_file() -> tuple[str, list[str]]:
    """(name, lines) of the user's global ignore file: core.excludesFile, else git's default place."""
    configs = (_config_home() / "git" / "config", Path("~/.gitconfig").expanduser())
    named = [name for config in configs for name in _EXCLUDES_FILE.findall(_read(config))]
    file = Path(named[-1]).expanduser() if named else _config_home() / "git" / "ignore"
    return "global git ignore file", _read(file).splitlines()


def _config_home() -> Path:
    return Path(os.environ.get("XDG_CONFIG_HOME") or "~/.config").expanduser()


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
