"""The rules of one git repository for its work tree: settings, ignore files and tracked files."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from codekin.files.file_systems import System
from codekin.files.git_ignore.config import GitConfig, config_home, expanded, read_config
from codekin.files.git_ignore.patterns import MAX_FILE_BYTES, Match, Patterns
from codekin.files.git_ignore.repositories import Repository
from codekin.files.git_ignore.tracked import Tracked, read_tracked, stamp_of
from codekin.files.small_files import is_absent, read_small

GITIGNORE = ".gitignore"
_MAX_SHOWN_PROBLEMS = 5


class Problems:
    """Messages for the user about rules that are not applied, each once."""

    def __init__(self) -> None:
        self._found: dict[str, None] = {}

    def add(self, *problems: str) -> None:
        """Add the problems that are new."""
        for problem in problems:
            self._found.setdefault(problem)

    def listed(self) -> tuple[str, ...]:
        """Return the first few, and the number of the others."""
        found = tuple(self._found)
        more = len(found) - _MAX_SHOWN_PROBLEMS
        rest = (f"{more} more problems with ignore files of the same kinds are not listed.",)
        return found[:_MAX_SHOWN_PROBLEMS] + (rest if more > 0 else ())


class IndexCache:
    """Git's indexes as last read, so that a pass over an unchanged repository reads none again."""

    def __init__(self) -> None:
        self._read: dict[str, tuple[tuple[int, ...], Tracked]] = {}

    def tracked(self, repository: Repository, *, is_sha256: bool, fold: bool) -> Tracked:
        """Return the files that a repository tracks now."""
        stamp = stamp_of(repository)
        known = self._read.get(repository.git_dir)
        if known and stamp and known[0] == stamp and known[1].fold == fold:
            return known[1]
        found = read_tracked(repository, is_sha256=is_sha256, fold=fold)
        self._read[repository.git_dir] = stamp, found
        return found


@dataclass(frozen=True, slots=True)
class Scope:
    """Patterns, and how they see a path of the workspace.

    They see it without its first `cut` characters, after `prefix`.
    """

    patterns: Patterns
    cut: int = 0
    prefix: str = ""

    def verdict(self, path: str, *, is_dir: bool) -> Match | None:
        """Return the effect of the patterns on a path of the workspace, in octets."""
        return self.patterns.verdict(self.prefix + path[self.cut :], is_dir=is_dir)


@dataclass(slots=True)
class GitRules:
    """The rules of one work tree, or of a folder outside git, whose ignore files apply as well.

    A path of the workspace is `prefix + path[cut:]` in the work tree. `shared` are the rules that
    apply everywhere in it, in decreasing precedence.
    """

    repository: Repository | None
    fold: bool
    cut: int
    prefix: str
    shared: tuple[Scope, ...]
    is_bare: bool
    _tracked: Callable[[], Tracked]
    _loaded: Tracked | None = field(default=None)

    def tracked(self) -> Tracked:
        """Return the files that git tracks in it, which are read on first use."""
        if self._loaded is None:
            self._loaded = self._tracked()
        return self._loaded

    def inside(self, path: str) -> str:
        """Return a path of the workspace relative to the work tree."""
        return self.prefix + path[self.cut :]


class GitReader:
    """Reads the files that git would read.

    A new one is created each time the rules are read again.
    """

    def __init__(self, system: System, environment: Mapping[str, str], problems: Problems, indexes: IndexCache) -> None:
        self._system = system
        self._environment = environment
        self._problems = problems
        self._indexes = indexes

    def rules(self, repository: Repository | None, cut: int, prefix: str) -> GitRules:
        """Return the rules of a work tree; `cut` and `prefix` are as in `GitRules`."""
        config = read_config(repository, self._environment)
        self._problems.add(*config.problems)
        fold = config.flag("core.ignorecase", default=self._system.ignores_case)
        found = [self._global_file(config, repository, fold=fold)]
        if repository:
            exclude = os.path.join(repository.common_dir, "info", "exclude")
            found.insert(0, self.patterns(exclude, ".git/info/exclude", fold=fold))
        shared = tuple(Scope(patterns, cut, prefix) for patterns in found if patterns)
        is_bare = bool(repository and not repository.is_linked and config.flag("core.bare", default=False))
        is_sha256 = config.value("extensions.objectformat") == "sha256"
        return GitRules(
            repository, fold, cut, prefix, shared, is_bare, lambda: self._tracked(repository, is_sha256, fold)
        )

    def patterns(self, path: str, source: str, *, fold: bool, follow: bool = True) -> Patterns:
        """Return the patterns of an ignore file, which are empty if it does not exist.

        A file that cannot be read is recorded as a problem.
        """
        try:
            found = read_small(path, MAX_FILE_BYTES, follow=follow)
        except OSError as error:
            # In an inaccessible folder the file may not exist; the folder itself is reported.
            if not is_absent(error) and path != os.devnull and os.path.lexists(path):
                self._problems.add(
                    f"Could not read the ignore file {source} ({error.strerror}). Its rules are not applied. "
                    "To fix: make it a readable regular file, or delete it."
                )
            return Patterns(source, ())
        data = found.data
        if found.is_cut:
            data = data[: data.rfind(b"\n") + 1]
            self._problems.add(
                f"Only the first {MAX_FILE_BYTES // 1_000_000} MB of the ignore file {source} are applied. "
                "To fix: shorten it."
            )
        patterns = Patterns.read(source, data, fold=fold)
        self._problems.add(*patterns.problems)
        return patterns

    def _tracked(self, repository: Repository | None, is_sha256: bool, fold: bool) -> Tracked:
        if repository is None:
            return Tracked()
        found = self._indexes.tracked(repository, is_sha256=is_sha256, fold=fold)
        if found.problem:
            self._problems.add(found.problem)
        return found

    def _global_file(self, config: GitConfig, repository: Repository | None, *, fold: bool) -> Patterns:
        """Return the patterns of the user's ignore file.

        That is core.excludesFile, or git's default path.
        """
        named = config.value("core.excludesfile")
        if named is None:
            folder = config_home(self._environment)
            path: str | None = os.path.join(folder, "ignore") if folder else ""
        else:
            path = expanded(named, self._environment)
            if path and not os.path.isabs(path):
                path = os.path.join(repository.top, path) if repository else ""
        if path is None:
            self._problems.add(
                f"Git's setting core.excludesFile is {named}, but that user does not exist. The file is not applied. "
                "To fix: correct it with `git config --global --edit`."
            )
        return self.patterns(path, f"global git ignore file {path}", fold=fold) if path else Patterns("", ())
