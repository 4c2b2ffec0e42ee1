"""Changes of configuration files: planned first, shown as a diff, then written."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from codekin.agent_clients import blocks, hooks, jsonc
from codekin.agent_clients.registry import Edit
from codekin.disk import mode_of, read_bounded
from codekin.errors import CodekinError, SettingsError

_MAX_BYTES = 4_000_000
_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Change:
    """The text of a file before and after; "" means that there is no file."""

    root: Path
    file: str
    before: str
    after: str

    @property
    def diff(self) -> str:
        """The change as a unified diff."""
        lines = difflib.unified_diff(
            self.before.splitlines(keepends=True),
            self.after.splitlines(keepends=True),
            f"a/{self.file}" if self.before else "/dev/null",
            f"b/{self.file}" if self.after else "/dev/null",
        )
        return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def planned(root: Path, edits: Iterable[Edit], *, install: bool) -> list[Change]:
    """Return the changes that the edits make, one for each file that differs.

    A file is changed only where an entry is missing (or, to uninstall, present): an entry with our
    name that the user changed stays as it is. Raises SettingsError for a file that cannot be read.
    """
    before: dict[str, str] = {}
    after: dict[str, str] = {}
    for edit in edits:
        if edit.file not in before:
            before[edit.file] = after[edit.file] = _read(root, edit.file)
        after[edit.file] = _edited(root / edit.file, after[edit.file], edit, install=install)
    return [Change(root, file, text, after[file]) for file, text in before.items() if text != after[file]]


def is_installed(root: Path, edits: Iterable[Edit]) -> bool:
    """Return whether an entry of the edits, other than a shared section, is present.

    A file that cannot be read counts as having one.
    """
    own = [edit for edit in edits if edit.format != "section"]
    try:
        return bool(planned(root, own, install=False))
    except SettingsError:
        return True


def write(changes: Sequence[Change]) -> None:
    """Write the changes; files and folders that become empty are removed. Raises CodekinError."""
    for change in changes:
        path = change.root / change.file
        try:
            if not change.after:
                path.unlink()
                _remove_empty(path.parent, change.root)
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            real = Path(os.path.realpath(path))  # a link stays a link
            mode = mode_of(real)
            part = real.with_name(f"{real.name}.codekin-part")
            part.write_bytes(change.after.encode("utf-8", "surrogateescape"))
            if mode:
                part.chmod(mode & 0o777)
            part.replace(real)
        except OSError as error:
            raise CodekinError(f"Could not write {path} ({error.strerror}). To fix: check its permissions.") from error


def _edited(path: Path, text: str, edit: Edit, *, install: bool) -> str:
    mark, body = (_BOM, text[1:]) if text.startswith(_BOM) else ("", text)
    crlf = "\r\n" in body
    plain = body.replace("\r\n", "\n") if crlf else body
    try:
        made = _installed(plain, edit) if install else _uninstalled(plain, edit)
    except jsonc.JsonError as error:
        raise SettingsError(f"{path} is not valid JSON: {error}. It was not changed. To fix: repair it.") from error
    if made == plain:
        return text
    return mark + (made.replace("\n", "\r\n") if crlf else made) if made else ""


def _installed(text: str, edit: Edit) -> str:
    if edit.format == "file":
        return str(edit.value)
    if edit.format == "section":
        return blocks.with_section(text, edit.value)
    if edit.format == "toml":
        (name,) = edit.path
        return text if blocks.has_table(text, name) else blocks.with_table(text, name, edit.value)
    if edit.format == "hook":
        return text if hooks.has_hook(text, edit.path) else hooks.with_hook(text or edit.new, edit.path, edit.value)
    return text if jsonc.get(text, edit.path) is not None else jsonc.with_member(text, edit.path, edit.value)


def _uninstalled(text: str, edit: Edit) -> str:
    if edit.format == "file":
        return ""
    if edit.format == "section":
        return blocks.without_section(text)
    if edit.format == "toml":
        return blocks.without_table(text, edit.path[0])
    if edit.format == "hook":
        left = hooks.without_hook(text, edit.path)
        return "" if left != text and left.split() == edit.new.split() else left
    return jsonc.without_member(text, edit.path) if jsonc.get(text, edit.path) is not None else text


def _read(root: Path, file: str) -> str:
    path = root / file
    if not mode_of(path):
        return ""
    if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root)):
        raise SettingsError(f"{path} is a link to a file outside {root}. It was not changed.")
    data = read_bounded(path, _MAX_BYTES)
    if data is None:
        raise SettingsError(f"{path} cannot be read. It was not changed. To fix: check that it is a regular file.")
    return data.decode("utf-8", "surrogateescape")


def _remove_empty(folder: Path, root: Path) -> None:
    while folder != root and folder.is_relative_to(root):
        with suppress(OSError):
            folder.rmdir()
        if folder.exists():
            return
        folder = folder.parent
