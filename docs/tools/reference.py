"""Write the generated pages of the reference.

    python -m docs.tools.reference [--check]

`--check` only compares. The settings come from `codekin.config`, the commands from the command
line. A setting without a docstring is described by `package.nls.json`, as in the editor.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import json
import re
import sys
import textwrap
import typing
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import click
import msgspec

from codekin.__main__ import cli
from codekin.config import Config

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs/reference"
_NOTE = "<!-- Written by docs/tools/reference.py. Do not edit. -->\n\n"
_GROUPS = {
    "Index": ("home", "place", "trust_workspace_index", "metadata", "confirm_above_files"),
    "Files": ("include", "exclude", "max_file_bytes", "watch", "reconcile_interval_s"),
    "Unsaved text and editors": (
        "debounce_ms",
        "overlay_debounce_ms",
        "code_lens",
        "duplicates_threshold",
        "document_symbols",
    ),
    "Vectors": ("vectors", "dual_write", "compare"),
    "Models": ("embedder", "allow_downloads", "deep", "deep_budget"),
    "History": ("history", "history_commits", "history_days"),
    "Alerts": ("latency_limit_ms", "error_rate_limit", "memory_limit_bytes"),
}
_NOT_DESCRIBED = {
    "debounce_ms": "Delay between a change of a file on disk and its indexing, in milliseconds.",
    "overlay_debounce_ms": "Delay between a change of unsaved text and its indexing, in milliseconds.",
}
_SETTINGS = """\
# Settings

For everyone who wants to change how codekin indexes or searches. Set an environment variable for the
command line and for agents. Editors send the same settings in camelCase as initialization options
(in VS Code with the prefix `codekin.`), and Python programs pass them to `Workspace.open`.

- Settings from an editor or a program take precedence over the environment.
- In the environment, lists are separated by commas (`CODEKIN_EXCLUDE="docs/**,*.gen.py"`), and
  switches are `on` or `off`.
- A value that cannot be used stops the command and names the setting. An editor warns and uses the
  default.
- Addresses of database servers come from the environment or the system's keyring only:
  see [Vector stores](../stores/vector-stores.md).
"""
_COMMANDS = """\
# Commands

For everyone who uses `codekin` in a terminal or a script.
[Command line](../automation/command-line.md) explains how commands are used together; this page
lists every command and option.

Exit status of every command: 0 found or done, 1 nothing found (or stores out of sync), 2 usage error
or failure, 130 interrupted.
"""


def settings_page() -> str:
    """Return the page of all settings, in groups."""
    fields = {field.name: field for field in msgspec.structs.fields(Config)}
    if (missing := fields.keys() ^ {name for group in _GROUPS.values() for name in group}) != set():
        raise SystemExit(f"Each setting belongs to one group of docs/tools/reference.py: {', '.join(sorted(missing))}")
    described = _descriptions()
    parts = [_NOTE, _SETTINGS]
    for title, names in _GROUPS.items():
        parts.append(f"\n## {title}\n\n| setting | environment | values | default | description |\n")
        parts.append("| --- | --- | --- | --- | --- |\n")
        parts.extend(_setting_row(fields[name], described[name]) for name in names)
    return "".join(parts)


def commands_page() -> str:
    """Return the page of all commands, each with its arguments and options."""
    return "".join([_NOTE, _COMMANDS, *_commands(cli, click.Context(cli, info_name="codekin"))])


def _setting_row(field: Any, description: str) -> str:
    variable = f"CODEKIN_{field.name.upper()}"
    cells = (
        f"`{field.encode_name}`",
        f"`{variable}`",
        _values(field.type),
        _default(field.default),
        _cell(description),
    )
    return f"| {' | '.join(cells)} |\n"


def _values(kind: Any) -> str:
    if typing.get_origin(kind) is Literal:
        return ", ".join(f"`{value}`" for value in typing.get_args(kind))
    if typing.get_origin(kind) is typing.Annotated:
        base, meta = typing.get_args(kind)
        bounds = [(meta.gt, "> {:,}"), (meta.ge, "≥ {:,}"), (meta.lt, "< {:,}"), (meta.le, "≤ {:,}")]
        limits = ", ".join(text.format(bound) for bound, text in bounds if bound is not None)
        return f"{_values(base)} {limits}"
    if typing.get_origin(kind) is tuple:
        return "list"
    return {bool: "switch", str: "text", int: "integer", float: "number"}[kind]


def _default(value: Any) -> str:
    if isinstance(value, bool):
        return "`on`" if value else "`off`"
    if value in ("", ()):
        return "empty"
    return f"`{value}`" if isinstance(value, str) else f"{value:,g}" if isinstance(value, float) else f"{value:,}"


def _descriptions() -> dict[str, str]:
    parts = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["contributes"]["configuration"]
    texts = json.loads((ROOT / "package.nls.json").read_text(encoding="utf-8"))
    in_editor = {
        name: texts[setting["markdownDescription"].strip("%")]
        for part in parts
        for name, setting in part["properties"].items()
    }
    described = dict(_NOT_DESCRIBED)
    for field in msgspec.structs.fields(Config):
        text = in_editor.get(f"codekin.{field.encode_name}")
        if text is not None:
            described[field.name] = re.sub(r"`#codekin\.(\w+)#`", r"`\1`", text)
    return described | _docstrings()


def _docstrings() -> dict[str, str]:
    """Return the docstring below each field of `Config`."""
    (body,) = (node.body for node in ast.parse(inspect.getsource(Config)).body if isinstance(node, ast.ClassDef))
    return {
        node.target.id: inspect.cleandoc(below.value.value)
        for node, below in itertools.pairwise(body)
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
        if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant)
    }


def _commands(command: click.Command, context: click.Context) -> Iterator[str]:
    if isinstance(command, click.Group):
        if context.parent is not None:
            yield f"\n## {context.command_path}\n\n{_help(command)}\n"
        for name in command.list_commands(context):
            child = command.commands[name]
            yield from _commands(child, click.Context(child, info_name=name, parent=context))
        return
    yield f"\n{'##' if context.parent is None or context.parent.parent is None else '###'} {context.command_path}\n"
    usage = " ".join(command.collect_usage_pieces(context))
    yield f"\n{_help(command)}\n\n```console\n{context.command_path} {usage}\n```\n"
    options = [option for option in command.get_params(context) if isinstance(option, click.Option)]
    if rows := [_option_row(option, context) for option in options if "--help" not in option.opts]:
        yield "\n| option | description | default |\n| --- | --- | --- |\n"
        yield from rows


def _help(command: click.Command) -> str:
    paragraphs = re.split(r"\n\s*\n", inspect.cleandoc(command.help or ""))
    texts = (re.sub(r"(?<![`\w])(--\w[\w-]*)", r"`\1`", " ".join(text.split())) for text in paragraphs)
    return "\n\n".join(textwrap.fill(text, 100, break_long_words=False, break_on_hyphens=False) for text in texts)


def _option_row(option: click.Option, context: click.Context) -> str:
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    if not option.is_flag:
        names += f" {_cell(option.make_metavar(context).removesuffix(' RANGE'))}"
    extra = option.get_help_extra(context)
    notes = ""
    if isinstance(option.type, click.IntRange | click.FloatRange):
        notes = f" From {option.type.min:,} to {option.type.max:,}."
    return f"| {names} | {_cell((option.help or '') + notes)} | {extra.get('default', '')} |\n"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


PAGES: dict[str, Callable[[], str]] = {"settings.md": settings_page, "commands.md": commands_page}


def main(*arguments: str) -> None:
    """Write the pages, or with `--check` exit with status 1 if one is out of date."""
    for name, made in PAGES.items():
        page, text = REFERENCE / name, made()
        if page.exists() and page.read_text(encoding="utf-8") == text:
            continue
        if "--check" in arguments:
            raise SystemExit(f"docs/reference/{name} is out of date. To fix: run `python -m docs.tools.reference`.")
        page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
