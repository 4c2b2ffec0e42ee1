"""Whether a path belongs to the index, and if not, which rule in which file excludes it."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from codekin.domain.commits import is_file
from codekin.files.default_rules import DEFAULT_EXCLUDES, NEVER, SECRETS
from codekin.files.file_systems import HOST, System
from codekin.files.git_ignore.patterns import Match, Patterns
from codekin.files.git_ignore.repositories import enclosing, is_bare, is_worktree_of, repository_at
from codekin.files.git_ignore.rules import GITIGNORE, GitReader, GitRules, IndexCache, Problems, Scope
from codekin.files.git_ignore.wildmatch import octets

NO_TEXT = "name is not valid text (UTF-8)"
CODEKINIGNORE = ".codekinignore"
IGNORE_FILES = (CODEKINIGNORE, GITIGNORE)
"""Names of ignore files in decreasing precedence.

This way .codekinignore can include what git ignores.
"""


@dataclass(frozen=True, slots=True)
class _Decision:
    """The decision about one path.

    `reason` says why it is excluded, None if it is not. A folder may be entered although a rule
    excludes it; then `inherited` is the reason for everything in it that no other rule includes,
    and `by_git` says whether the rule is git's. `note` says why the path is included although a
    rule says otherwise.
    """

    reason: str | None = None
    inherited: str | None = None
    by_git: bool = False
    note: str = ""


_INCLUDED = _Decision()


@dataclass(frozen=True, slots=True)
class _Folder:
    """The rules for the direct entries of a folder.

    `own` and `git` are ignore files from here upwards, the nearest first; `rules` are of the
    repository that the folder is in.
    """

    decision: _Decision
    own: tuple[Scope, ...]
    git: tuple[Scope, ...]
    rules: GitRules


@dataclass(slots=True)
class _State:
    """Everything read since the rules were last invalidated.

    It is replaced as a whole, so that no thread mixes two states.
    """

    reader: GitReader
    problems: Problems
    folders: dict[str, _Folder] = field(default_factory=dict)


class Rules:
    """The rules of a root. Safe to call from several threads.

    Ignore files, git's settings and its index are read once; `invalidate` makes them be read again.
    """

    def __init__(
        self,
        root: Path,
        *,
        include: Sequence[str] = (),
        exclude: Sequence[str] = (),
        max_file_bytes: int = 1_000_000,
        system: System = HOST,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        self.root = root
        self.max_file_bytes = max_file_bytes
        self.settings = repr((tuple(include), tuple(exclude), max_file_bytes))
        self.system = system
        self._environment = environment
        self._folder_of_root = os.fspath(root)
        self._root_name = system.name(root.name)
        self._include = Patterns.of("setting include", include)
        self._exclude = Patterns.of("setting exclude", exclude)
        self._secrets = Patterns.of("secrets by name", SECRETS, fold=True)
        self._defaults = Patterns.of("default excludes", DEFAULT_EXCLUDES)
        self._indexes = IndexCache()
        self._listener: Callable[[], None] | None = None
        self.invalidate()

    def invalidate(self) -> None:
        """Forget everything read from ignore files and from git."""
        problems = Problems()
        problems.add(*self._include.problems, *self._exclude.problems)
        self._state = _State(GitReader(self.system, self._environment, problems, self._indexes), problems)
        if self._listener:
            self._listener()

    def listen(self, listener: Callable[[], None] | None) -> None:
        """Set the listener called, from any thread, after each `invalidate`; None removes it."""
        self._listener = listener

    @property
    def problems(self) -> tuple[str, ...]:
        """The rules that could not be applied, each with its cause and how to fix it."""
        return self._state.problems.listed()

    def verdict(self, path: str, *, is_dir: bool, tracked: bool | None = None) -> str | None:
        """Return None if the path belongs to the index, else the reason.

        The reason names the rule, its file and line. `path` is relative to the root, with "/"; a
        folder's verdict applies to everything below it. `tracked` says whether git tracks the path,
        if git's index cannot say, as in another revision.
        """
        return self._decide(path, is_dir=is_dir, tracked=tracked).reason

    def note(self, path: str) -> str:
        """Return why a file is indexed although a rule says otherwise, or "" if none does."""
        found = self._decide(path, is_dir=False)
        return found.note if found.reason is None else ""

    def may_enter(self, path: str) -> str | None:
        """Return the verdict of a folder by its name; `enter` decides when its content is known."""
        state = self._state
        above = self._folder(state, path[: max(path.rfind("/"), 0)])
        closed = self._closed(above, path) or self._by_rules(above, octets(self.system.name(path)), is_dir=True)
        return closed.reason

    def enter(self, path: str, names: Collection[str]) -> str | None:
        """Return the verdict of a folder whose entries have these `names`."""
        state = self._state
        if path not in state.folders:
            self._folder(state, path, names)
        return state.folders[path].decision.reason

    def _decide(self, path: str, *, is_dir: bool, tracked: bool | None = None) -> _Decision:
        if not path.isascii() and not is_text(path):
            return _Decision(NO_TEXT)
        if not is_dir and not is_file(path):
            return _Decision("its name is reserved for commits")
        state = self._state
        if is_dir:
            return self._folder(state, path).decision
        above = path[: max(path.rfind("/"), 0)]
        return self._file(state.folders.get(above) or self._folder(state, above), path, tracked)

    def _file(self, folder: _Folder, path: str, tracked: bool | None) -> _Decision:
        if folder.decision.reason is not None:
            return folder.decision
        compared = octets(self.system.name(path))
        name = compared[compared.rfind("/") + 1 :].lower()
        if name in NEVER:
            return _Decision(f"never indexed ({name})")
        # Include the root's name, so that a root called .aws hides its config as well.
        secret = self._secrets.verdict(f"{octets(self._root_name)}/{compared}", is_dir=False)
        if secret and secret.ignored:
            return _Decision(f"may contain secrets ({secret.rule.removeprefix('secrets by name: ')})")
        return self._by_rules(folder, compared, is_dir=False, tracked=tracked)

    def _by_rules(self, folder: _Folder, path: str, *, is_dir: bool, tracked: bool | None = None) -> _Decision:
        """Decide by the rules in decreasing precedence.

        They are `include`, .codekinignore, `exclude`, git and the default excludes.
        """
        if self._include and (found := self._include.verdict(path, is_dir=is_dir)) and found.ignored:
            return _INCLUDED
        above = folder.decision
        if above.inherited is not None and not (
            above.by_git and self._is_tracked(folder.rules, path, is_dir=is_dir, tracked=tracked)
        ):
            return self._excluded(above.inherited, path, is_dir=is_dir, by_git=above.by_git)
        own = _first(folder.own, path, is_dir=is_dir) if folder.own else None
        if own is None and self._exclude:
            own = self._exclude.verdict(path, is_dir=is_dir)
        if own is not None:
            return self._excluded(f"ignored by {own.rule}", path, is_dir=is_dir) if own.ignored else _INCLUDED
        return self._by_git(folder, path, is_dir=is_dir, tracked=tracked)

    def _by_git(self, folder: _Folder, path: str, *, is_dir: bool, tracked: bool | None) -> _Decision:
        """Decide by git's rules and the default excludes.

        Git's rules do not apply to tracked files.
        """
        kept = _INCLUDED
        if folder.decision.inherited is not None:
            kept = self._kept(folder.rules, folder.decision.inherited, path, is_dir=is_dir)
        elif found := _first(folder.git, path, is_dir=is_dir):
            if not found.ignored:
                return _INCLUDED
            reason = f"ignored by {found.rule}"
            if not self._is_tracked(folder.rules, path, is_dir=is_dir, tracked=tracked):
                return self._excluded(reason, path, is_dir=is_dir, by_git=True)
            kept = self._kept(folder.rules, reason, path, is_dir=is_dir)
        default = self._defaults.verdict(path, is_dir=is_dir)
        return (
            self._excluded(f"ignored by {default.rule}", path, is_dir=is_dir) if default and default.ignored else kept
        )

    def _is_tracked(self, rules: GitRules, path: str, *, is_dir: bool, tracked: bool | None) -> bool:
        """Return whether git tracks a path that its rules ignore, or something in the folder."""
        if tracked is not None:
            return tracked
        index, inside = rules.tracked(), rules.inside(path)
        return index.is_submodule(inside) or index.has_below(inside) if is_dir else index.has(inside)

    def _kept(self, rules: GitRules, reason: str, path: str, *, is_dir: bool) -> _Decision:
        note = f"tracked by git although {reason}"
        if is_dir and not rules.tracked().is_submodule(rules.inside(path)):
            return _Decision(None, reason, by_git=True, note=note)
        return _Decision(note=note)

    def _excluded(self, reason: str, path: str, *, is_dir: bool, by_git: bool = False) -> _Decision:
        if is_dir and self._include and self._include.may_match_below(path):
            return _Decision(None, reason, by_git)
        return _Decision(reason)

    def _folder(self, state: _State, path: str, names: Collection[str] | None = None) -> _Folder:
        """Return the rules of a folder, and read them first if they are not known yet.

        Rules of unknown folders above it are read too.
        """
        folders = state.folders
        known = folders.get(path)
        if known is not None:
            return known
        unknown = [path]
        while unknown[-1] and (above := unknown[-1][: max(unknown[-1].rfind("/"), 0)]) not in folders:
            unknown.append(above)
        for folder in reversed(unknown):
            entries = names if folder == path else None
            folders[folder] = self._inside(state, folder, entries) if folder else self._top(state, entries)
        return folders[path]

    def _top(self, state: _State, names: Collection[str] | None) -> _Folder:
        """Return the rules of the root, including those of the repository above it.

        A root that its repository ignores was opened on purpose, so the repository's rules do not
        apply in it.
        """
        real = os.path.realpath(self._folder_of_root)
        repository = enclosing(real)
        above = os.path.relpath(real, repository.top).replace(os.sep, "/") if repository else "."
        prefix = "" if above == "." else octets(self.system.name(above)) + "/"
        rules = state.reader.rules(repository, 0, prefix)
        outer: tuple[Scope, ...] = ()
        if repository and prefix:
            outer = self._outer(state, repository.top, above.split("/"), rules)
            if _ignores_root((*outer, *rules.shared), prefix):
                anywhere = state.reader.rules(None, 0, "")
                rules, outer = GitRules(repository, rules.fold, 0, prefix, anywhere.shared, False, rules.tracked), ()
        decision = _Decision("bare git repository") if is_bare(self._folder_of_root, names) else _INCLUDED
        if decision is not _INCLUDED:
            return _Folder(decision, (), (), rules)
        own, git = self._ignore_files(state, "", names, rules)
        return _Folder(decision, own, (*git, *outer, *rules.shared), rules)

    def _outer(self, state: _State, top: str, names: Sequence[str], rules: GitRules) -> tuple[Scope, ...]:
        """Return the .gitignore files above the root, up to the top of the repository.

        `names` lead down to the root.
        """
        found = []
        for depth in range(len(names) - 1, -1, -1):
            source = "../" * (len(names) - depth) + GITIGNORE
            file = os.path.join(top, *names[:depth], GITIGNORE)
            patterns = state.reader.patterns(file, source, fold=rules.fold, follow=False)
            if patterns:
                found.append(Scope(patterns, 0, octets(self.system.name("/".join(names[depth:]))) + "/"))
        return tuple(found)

    def _inside(self, state: _State, path: str, names: Collection[str] | None) -> _Folder:
        above = state.folders[path[: max(path.rfind("/"), 0)]]
        closed = self._closed(above, path)
        if closed is not None:
            return _Folder(closed, (), (), above.rules)
        compared = octets(self.system.name(path))
        decision = self._by_rules(above, compared, is_dir=True)
        if decision.reason is not None:
            return _Folder(decision, (), (), above.rules)
        folder = os.path.join(self._folder_of_root, path)
        rules, reason = self._repository(state, above.rules, folder, compared, names)
        if reason:
            return _Folder(_Decision(reason), (), (), rules)
        own, git = self._ignore_files(state, path, names, rules)
        if rules is not above.rules:
            git = (*git, *rules.shared)
            decision = _Decision(None, decision.inherited) if not decision.by_git else _INCLUDED
        else:
            git = (*git, *above.git)
        return _Folder(decision, (*own, *above.own), git, rules)

    def _closed(self, above: _Folder, path: str) -> _Decision | None:
        if above.decision.reason is not None:
            return above.decision
        if not path.isascii() and not is_text(path):
            return _Decision(NO_TEXT)
        name = path[path.rfind("/") + 1 :].lower()
        return _Decision(f"never indexed ({name})") if name in NEVER else None

    def _repository(
        self, state: _State, outer: GitRules, folder: str, compared: str, names: Collection[str] | None
    ) -> tuple[GitRules, str]:
        """Return (rules in a folder, reason to exclude it as a git folder, "" if it is not one).

        A nested repository has only its own rules. Another worktree of the same repository contains
        the same files again.
        """
        if (".git" in names) if names is not None else os.path.lexists(os.path.join(folder, ".git")):
            found = repository_at(folder)
            if outer.repository and not outer.is_bare and is_worktree_of(folder, found, outer.repository):
                return outer, "worktree of the same git repository"
            if found:
                return state.reader.rules(found, len(compared) + 1, ""), ""
        return outer, "bare git repository" if is_bare(folder, names) else ""

    def _ignore_files(
        self, state: _State, path: str, names: Collection[str] | None, rules: GitRules
    ) -> tuple[tuple[Scope, ...], tuple[Scope, ...]]:
        """Return (.codekinignore of a folder, its .gitignore), each with no or one scope."""
        found: list[tuple[Scope, ...]] = []
        for name in IGNORE_FILES:
            scopes: tuple[Scope, ...] = ()
            if names is None or name in names or self.system.ignores_case:
                source = f"{path}/{name}" if path else name
                file = os.path.join(self._folder_of_root, source)
                patterns = state.reader.patterns(file, source, fold=rules.fold, follow=False)
                if patterns:
                    cut = len(octets(self.system.name(path))) + 1 if path else 0
                    scopes = (Scope(patterns, cut),)
            found.append(scopes)
        return found[0], found[1]


def _first(scopes: Sequence[Scope], path: str, *, is_dir: bool) -> Match | None:
    """Return the first match of the scopes, which are in decreasing precedence."""
    for scope in scopes:
        found = scope.verdict(path, is_dir=is_dir)
        if found is not None:
            return found
    return None


def _ignores_root(scopes: Sequence[Scope], prefix: str) -> bool:
    """Return whether a rule of the enclosing repository ignores the root or a folder above it."""
    names = prefix.split("/")[:-1]
    for last in range(1, len(names) + 1):
        path = "/".join(names[:last])
        for scope in scopes:
            start = len(prefix) - len(scope.prefix)
            found = scope.patterns.verdict(path[start:], is_dir=True) if start < len(path) else None
            if found is not None:
                if found.ignored:
                    return True
                break
    return False


def is_text(path: str) -> bool:
    """Return whether a name is valid UTF-8.

    Python represents other bytes as lone surrogates, which no store and no editor accepts.
    """
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def as_text(path: str) -> str:
    r"""Return the path, with invalid bytes as \xff for display and storage."""
    return path if is_text(path) else os.fsencode(path).decode("utf-8", "backslashreplace")
