"""Whether a path belongs to the index, and if not, which rule in which file says so."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from codekin.domain.commits import is_file
from codekin.watching.defaults import DEFAULT_EXCLUDES, SECRETS
from codekin.watching.git_files import outer_rules, read_lines
from codekin.watching.patterns import Patterns

NO_TEXT = "name is not valid text (UTF-8)"
IGNORE_FILES = (".codekinignore", ".gitignore")
"""The own file is asked first, so it can take back what git ignores."""


@dataclass(frozen=True, slots=True)
class _Scope:
    """Patterns, and how they see a path of ours: without its first `cut` characters, behind `prefix`."""

    patterns: Patterns
    cut: int = 0
    prefix: str = ""


class Rules:
    """Safe to call from several threads. Ignore files are read once; `invalidate` has them read again."""

    def __init__(
        self, root: Path, *, include: Sequence[str] = (), exclude: Sequence[str] = (), max_file_bytes: int = 1_000_000
    ) -> None:
        self.root = root
        self.max_file_bytes = max_file_bytes
        self._root_name = root.name
        self._include = Patterns("setting include", include)
        self._include_globs = [glob.strip("/") for glob in include]
        self._exclude = Patterns("setting exclude", exclude)
        self._secrets = Patterns("secrets by name", SECRETS)
        self._defaults = Patterns("default excludes", DEFAULT_EXCLUDES)
        self._listener: Callable[[], None] | None = None
        self.invalidate()

    def invalidate(self) -> None:
        """Forgets what was read of ignore files."""
        self._scopes: dict[str, tuple[_Scope, ...]] = {}
        self._nested: dict[tuple[str, str], tuple[_Scope, ...]] = {}
        self._folders: dict[str, str | None] = {"": None}
        self._outer = [_Scope(outer.patterns, 0, outer.prefix) for outer in outer_rules(self.root)]
        if self._listener:
            self._listener()

    def listen(self, listener: Callable[[], None] | None) -> None:
        """Has `listener` called, from any thread, after each `invalidate`; there is one at most, None takes it back."""
        self._listener = listener

    def verdict(self, path: str, *, is_dir: bool) -> str | None:
        """None: the path belongs to the index. Otherwise why not, naming the rule and where it stands. `path` is relative
        to the root, with "/"; a folder's verdict holds for all below it.
        """
        if not is_text(path):
            return NO_TEXT
        if not is_dir and not is_file(path):
            return "its name is what the index calls a commit"
        above = self._folder(path.rpartition("/")[0])
        if above is not None:
            return above
        if is_dir:
            return self._folder(path)
        # With the root's own name, so that a root called .aws hides its config as well.
        secret = self._secrets.verdict(f"{self._root_name}/{path}".lower(), is_dir=False)
        if secret and secret[0]:
            return f"may hold secrets ({secret[1].removeprefix('secrets by name: ')})"
        return self._judge(path, is_dir=False)

    def _folder(self, path: str) -> str | None:
        folders = self._folders
        if path not in folders:
            above = self._folder(path.rpartition("/")[0])
            verdict = above if above is not None else self._judge(path, is_dir=True)
            folders[path] = None if verdict and self._may_hold_included(path) else verdict
        return folders[path]

    def _judge(self, path: str, *, is_dir: bool) -> str | None:
        folder = path.rpartition("/")[0]
        scopes = self._scopes.get(folder)
        if scopes is None:
            scopes = self._scopes[folder] = self._applicable(folder)
        for scope in scopes:
            found = scope.patterns.verdict(scope.prefix + path[scope.cut :], is_dir=is_dir)
            if found is not None:
                return f"ignored by {found[1]}" if found[0] and scope.patterns is not self._include else None
        return None

    def _applicable(self, folder: str) -> tuple[_Scope, ...]:
        """What may speak about the paths right in a folder, the strongest first."""
        own, git = (self._ignore_files(folder, name) for name in IGNORE_FILES)
        found = (_Scope(self._include), *own, _Scope(self._exclude), *git, *self._outer, _Scope(self._defaults))
        return tuple(scope for scope in found if scope.patterns)

    def _ignore_files(self, folder: str, name: str) -> tuple[_Scope, ...]:
        """The ignore files of that name from the folder up to the root."""
        nested = self._nested
        if (folder, name) not in nested:
            source = f"{folder}/{name}" if folder else name
            here = (_Scope(Patterns(source, read_lines(self.root / source)), len(folder) + 1 if folder else 0),)
            above = self._ignore_files(folder.rpartition("/")[0], name) if folder else ()
            nested[folder, name] = here + above if here[0].patterns else above
        return nested[folder, name]

    def _may_hold_included(self, folder: str) -> bool:
        """Whether the setting `include` names something below an excluded folder, so that it must be entered."""
        return any(glob.startswith(f"{folder}/") for glob in self._include_globs)


def is_text(path: str) -> bool:
    """False for a name of other bytes than UTF-8, which Python holds as lone surrogates: no store and no editor takes it."""
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def as_text(path: str) -> str:
    r"""The path itself, or, for one that is no text, one to show and to store, its odd bytes as \xff."""
    return path if is_text(path) else os.fsencode(path).decode("utf-8", "backslashreplace")
