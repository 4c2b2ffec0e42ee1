"""Git's settings that decide which files it ignores, read from its files without running git."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from codekin.files.git_ignore.repositories import Repository, branch_of
from codekin.files.git_ignore.wildmatch import expression, lower, octets
from codekin.files.small_files import is_absent, read_small

_MAX_FILE_BYTES = 1_000_000
_MAX_DEPTH = 10
"""Maximum depth of files that include each other, the same as git's."""
_MAX_FILES = 200
_MAX_VARIABLES = 1_000
"""Maximum number of settings in the environment."""
_BLANK = re.compile(r"\s+|[#;][^\n]*")
_NAME = re.compile(r"([A-Za-z][A-Za-z0-9-]*)[ \t]*(=|(?=\n)|\Z)")
_NUMBER = re.compile(r"[+-]?\d{1,9}")
_SECTION = re.compile(r'\[\s*([A-Za-z0-9.-]+)(?:[ \t]+"((?:\\.|[^"\\\n])*)")?\s*\]')
_HAS_REMOTE = "hasconfig:remote.*.url:"
_TRUE, _FALSE = ("true", "yes", "on"), ("false", "no", "off", "")


@dataclass(slots=True)
class GitConfig:
    """All settings in the order in which git reads them; the last one of a name counts.

    `problems` are messages for the user.
    """

    settings: list[tuple[str, str | None]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def value(self, name: str) -> str | None:
        """Return a setting, or None if it is not set or has no value.

        The name is `section.subsection.name`, with section and name in lower case.
        """
        return next((value for key, value in reversed(self.settings) if key == name), None)

    def flag(self, name: str, *, default: bool) -> bool:
        """Return a setting that is true or false; an invalid value counts as not set."""
        found = [value for key, value in self.settings if key == name]
        if not found:
            return default
        text = found[-1]
        if text is None or text.lower() in _TRUE:
            return True
        if text.lower() in _FALSE:
            return False
        return int(text) != 0 if _NUMBER.fullmatch(text) else default


def read_config(repository: Repository | None, environment: Mapping[str, str]) -> GitConfig:
    """Return all settings that apply to a work tree.

    They come from the system, the user, the repository and the environment.
    """
    reader = _Reader(repository, environment)
    for file in (*system_files(environment), *user_files(environment)):
        reader.read(file, 0)
    if repository:
        reader.read(os.path.join(repository.common_dir, "config"), 0)
        if reader.config.flag("extensions.worktreeconfig", default=False):
            reader.read(os.path.join(repository.git_dir, "config.worktree"), 0)
    reader.add(_of_environment(environment), os.curdir, 0)
    return reader.config


def system_files(environment: Mapping[str, str], platform: str = sys.platform) -> list[str]:
    """Return the files with the system's settings.

    That is GIT_CONFIG_SYSTEM, or the paths of common installations.
    """
    if environment.get("GIT_CONFIG_NOSYSTEM", "").lower() not in (*_FALSE, "0"):
        return []
    if "GIT_CONFIG_SYSTEM" in environment:
        return [environment["GIT_CONFIG_SYSTEM"]]
    if platform == "win32":
        programs = environment.get("PROGRAMFILES", r"C:\Program Files")
        return [rf"{programs}\Git\etc\gitconfig"]
    if platform == "darwin":
        developer = ("/Library/Developer/CommandLineTools", "/Applications/Xcode.app/Contents/Developer")
        apple = [f"{folder}/usr/share/git-core/gitconfig" for folder in developer]
        return [*apple, "/opt/homebrew/etc/gitconfig", "/usr/local/etc/gitconfig", "/etc/gitconfig"]
    return ["/etc/gitconfig"]


def user_files(environment: Mapping[str, str]) -> list[str]:
    """Return the files with the user's settings, in increasing precedence."""
    if "GIT_CONFIG_GLOBAL" in environment:
        return [environment["GIT_CONFIG_GLOBAL"]]
    folder, home = config_home(environment), home_of(environment)
    return [os.path.join(folder, "config")] * bool(folder) + [os.path.join(home, ".gitconfig")] * bool(home)


def config_home(environment: Mapping[str, str]) -> str:
    """Return git's folder in the user's configuration folder, or "" without a home."""
    given, home = environment.get("XDG_CONFIG_HOME"), home_of(environment)
    if given:
        return os.path.join(given, "git")
    return os.path.join(home, ".config", "git") if home else ""


def home_of(environment: Mapping[str, str]) -> str:
    """Return the home folder as git determines it, or "" if there is none."""
    if home := environment.get("HOME"):
        return home
    if sys.platform == "win32":
        drive = environment.get("HOMEDRIVE", "") + environment.get("HOMEPATH", "")
        return drive if drive and os.path.isdir(drive) else environment.get("USERPROFILE", "")
    return ""


def expanded(path: str, environment: Mapping[str, str]) -> str | None:
    """Return a path of a setting with its `~` or `~user` replaced.

    Returns None if that user or home does not exist.
    """
    if not path.startswith("~"):
        return path
    if path == "~" or path.startswith("~/"):
        home = home_of(environment)
        return home + path[1:] if home else None
    with suppress(RuntimeError, ValueError):  # an invalid name is that of no user
        full = os.path.expanduser(path)
        return full if full != path else None
    return None


def parse(text: str) -> Iterator[tuple[str, str | None]]:
    """Yield (name, value) of each setting in a file's text.

    Ends at the first line that git rejects.
    """
    section, at = "", 0
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    while at < len(text):
        if found := _BLANK.match(text, at):
            at = found.end()
        elif found := _SECTION.match(text, at):
            at = found.end()
            section = found[1].lower() + ("" if found[2] is None else "." + re.sub(r"\\(.)", r"\1", found[2]))
        elif section and (found := _NAME.match(text, at)):
            value, at = _value(text, found.end()) if found[2] else (None, found.end())
            if value is None and found[2]:
                return
            yield f"{section}.{found[1].lower()}", value
        else:
            return


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _value(text: str, at: int) -> tuple[str | None, int]:
    """Return (value after an equals sign, end position); the value is None if git rejects it."""
    parts: list[str] = []
    spaces, quoted = 0, False
    while at < len(text) and text[at] != "\n":
        char = text[at]
        at += 1
        if char.isspace() and not quoted:
            spaces += bool(parts)
            continue
        if char in "#;" and not quoted:
            at = _line_end(text, at)
            break
        parts.append(" " * spaces)
        spaces = 0
        if char == '"':
            quoted = not quoted
        elif char != "\\":
            parts.append(char)
        elif text[at : at + 1] == "\n":
            at += 1
        elif text[at : at + 1] and text[at] in 'tbn\\"':
            parts.append({"t": "\t", "b": "\b", "n": "\n"}.get(text[at], text[at]))
            at += 1
        else:
            return None, at
    return (None if quoted else "".join(parts)), at


class _Reader:
    """Reads files, and those that they include."""

    def __init__(self, repository: Repository | None, environment: Mapping[str, str]) -> None:
        self.config = GitConfig()
        self._repository = repository
        self._environment = environment
        self._files = 0

    def read(self, path: str, depth: int) -> None:
        """Add the settings of a file and of those it includes."""
        self.add(self._parsed(path), path, depth)

    def add(self, settings: Iterable[tuple[str, str | None]], path: str, depth: int) -> None:
        """Add the settings of a file, and after each include those of the included file."""
        for name, value in settings:
            self.config.settings.append((name, value))
            if value and (name == "include.path" or (name.startswith("includeif.") and name.endswith(".path"))):
                folder = os.path.dirname(os.path.abspath(path))
                if name == "include.path" or self._is_true(name[len("includeif.") : -len(".path")], folder):
                    included = expanded(value, self._environment)
                    if included and depth < _MAX_DEPTH:
                        self.read(os.path.join(folder, included), depth + 1)

    def _parsed(self, path: str) -> Iterator[tuple[str, str | None]]:
        self._files += 1
        if self._files > _MAX_FILES:
            return
        try:
            found = read_small(path, _MAX_FILE_BYTES)
        except OSError as error:
            # Git does not report an inaccessible home either.
            if not is_absent(error) and path != os.devnull and os.path.lexists(path):
                self.config.problems.append(
                    f"Could not read git's settings in {path} ({error.strerror}). Ignore files named there are not applied. "
                    "To fix: make it a readable file."
                )
            return
        yield from parse(found.data.decode("utf-8", "surrogateescape"))

    def _is_true(self, condition: str, folder: str) -> bool:
        if condition.startswith(_HAS_REMOTE):
            return self._has_remote(condition[len(_HAS_REMOTE) :])
        kind, _, pattern = condition.partition(":")
        if kind in {"gitdir", "gitdir/i"}:
            return self._in_git_dir(pattern, folder, fold=kind == "gitdir/i")
        return kind == "onbranch" and self._on_branch(pattern)

    def _in_git_dir(self, pattern: str, folder: str, *, fold: bool) -> bool:
        if self._repository is None:
            return False
        plain = ""
        if pattern.startswith("~"):
            full = expanded(pattern, self._environment)
            if full is None:
                return False
            home = home_of(self._environment)
            pattern = os.path.realpath(home) + pattern[1:] if pattern.startswith("~/") else full
        elif pattern.startswith("./"):
            plain = os.path.realpath(folder) + "/"
            pattern = pattern[2:]
        elif not os.path.isabs(pattern):
            pattern = f"**/{pattern}"
        if pattern.endswith("/"):
            pattern += "**"
        places = (os.path.realpath(self._repository.git_dir), os.path.abspath(self._repository.git_dir))
        return any(
            place.startswith(plain) and _matches(pattern, place[len(plain) :].replace(os.sep, "/"), fold=fold)
            for place in places
        )

    def _on_branch(self, pattern: str) -> bool:
        branch = branch_of(self._repository) if self._repository else ""
        return bool(branch) and _matches(pattern + "**" if pattern.endswith("/") else pattern, branch, fold=False)

    def _has_remote(self, pattern: str) -> bool:
        """Return whether a remote has a matching address.

        All files are read first, as git does, because the condition may precede the addresses.
        """
        if self._repository is None:
            return False
        plain = _Reader(None, self._environment)
        for file in (*system_files(self._environment), *user_files(self._environment)):
            plain.read(file, 0)
        plain.read(os.path.join(self._repository.common_dir, "config"), 0)
        return any(
            name.startswith("remote.") and name.endswith(".url") and value and _matches(pattern, value, fold=False)
            for name, value in plain.config.settings
        )


def _matches(pattern: str, text: str, *, fold: bool) -> bool:
    source = expression(octets(pattern), is_path=True, fold=fold)
    compared = lower(octets(text)) if fold else octets(text)
    return source is not None and re.match(source, compared, re.DOTALL) is not None


def _of_environment(environment: Mapping[str, str]) -> Iterator[tuple[str, str | None]]:
    count = environment.get("GIT_CONFIG_COUNT", "")
    for index in range(min(int(count), _MAX_VARIABLES) if _NUMBER.fullmatch(count) else 0):
        name = environment.get(f"GIT_CONFIG_KEY_{index}")
        if name:
            yield _named(name), environment.get(f"GIT_CONFIG_VALUE_{index}")
    try:
        given = shlex.split(environment.get("GIT_CONFIG_PARAMETERS", ""))
    except ValueError:  # git rejects it too
        return
    for item in given:
        name, equals, value = item.partition("=")
        yield _named(name), value if equals else None


def _named(name: str) -> str:
    """Return a name with section and key in lower case, and the subsection unchanged."""
    section, *middle = name.split(".")
    return ".".join([section.lower(), *middle[:-1], *(part.lower() for part in middle[-1:])])
