"""The clients that can be configured, and the files that each of them reads in a workspace."""

from __future__ import annotations

import json
import os
import shlex
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from codekin.agent_clients.hooks import ARGUMENTS

Format = Literal["json", "toml", "section", "file", "hook"]
NAME = "codekin"
INSTRUCTIONS = """\
## Code search

Before you grep or read files, search this repository by meaning, name or error text:

- `codekin search "QUESTION" --format agent`: the best places with the lines that answer. Filters in
  the question: `lang:py path:src/** kind:commit`. `--max-tokens 800` shortens the answer, and
  `--offset` continues it.
- `codekin expand FILE:LINE`: the whole definition there. `codekin outline FILE`: what a file defines.
- `codekin related FILE:LINE --format agent`: tests, commits and similar code, before you change it.
- `codekin references NAME`: where a name is used, before you rename it; `CLASS.NAME` is exact.

Use the tools of the MCP server `codekin` instead if they are available. Exit status 1 means that
nothing was found.
"""
SKILL = f"""\
---
name: codekin
description: Search this codebase by meaning, identifier or pasted error, and find tests, history and uses of code. \
Use it before grep or reading files to answer where something is done, what raises an error, or what must change.
---

{INSTRUCTIONS}"""


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of a file, relative to the workspace.

    `path` are the keys of a JSON member, those of a JSON array of commands that run at the start of
    a session (`hook`), or the name of a TOML table in one part. `value` is what is set there, or
    the text of a section or file. `new` is the text that a file of commands begins with.
    """

    file: str
    format: Format
    path: tuple[str, ...] = ()
    value: Any = None
    new: str = ""


@dataclass(frozen=True, slots=True)
class Client:
    """A client by the name of its program, with the folders that show that it is used."""

    name: str
    programs: tuple[str, ...]
    folders: tuple[str, ...]

    def is_used(self, root: Path) -> bool:
        """Return whether its program is installed or the workspace has its folder."""
        return any(map(shutil.which, self.programs)) or any((root / folder).exists() for folder in self.folders)


CLIENTS: Mapping[str, Client] = {
    client.name: client
    for client in (
        Client("claude", ("claude",), (".claude", ".mcp.json", "CLAUDE.md")),
        Client("codex", ("codex",), (".codex",)),
        Client("cursor", ("cursor", "cursor-agent"), (".cursor",)),
        Client("gemini", ("gemini",), (".gemini", "GEMINI.md")),
        Client("copilot", ("copilot",), (".vscode", ".github/copilot-instructions.md")),
        Client("zed", ("zed", "zeditor"), (".zed",)),
        Client("opencode", ("opencode",), (".opencode", "opencode.json", "opencode.jsonc")),
    )
}


def edits_of(client: str, root: Path, command: Sequence[str]) -> list[Edit]:
    """Return the edits of a client. `command` runs codekin, without its arguments."""
    return _EDITS[client](root, command)


def _claude(_root: Path, command: Sequence[str]) -> list[Edit]:
    settings = ".claude/settings.json"
    # The shell of a hook starts in the folder of the session, which may be within the workspace.
    handler = {"type": "command", "command": f'{_refresh(command)} "$CLAUDE_PROJECT_DIR"'}
    return [
        Edit(".mcp.json", "json", ("mcpServers", NAME), _server(command, ".")),
        Edit(settings, "json", ("env", "CODEKIN_FORMAT"), "agent"),
        Edit(settings, "hook", ("hooks", "SessionStart"), {"hooks": [handler]}),
        Edit(f".claude/skills/{NAME}/SKILL.md", "file", value=_written_for(command, SKILL)),
    ]


def _codex(root: Path, command: Sequence[str]) -> list[Edit]:
    handler = {"type": "command", "command": f"{_refresh(command)} {_quoted([str(root)])}"}
    return [
        Edit(".codex/config.toml", "toml", (f"mcp_servers.{NAME}",), _server(command, str(root))),
        Edit(".codex/hooks.json", "hook", ("hooks", "SessionStart"), {"hooks": [handler]}),
        _instructions(command),
    ]


def _cursor(_root: Path, command: Sequence[str]) -> list[Edit]:
    version = '{\n  "version": 1\n}\n'
    handler = {"command": f"{_refresh(command)} ."}
    return [
        Edit(".cursor/mcp.json", "json", ("mcpServers", NAME), _server(command, "${workspaceFolder}")),
        Edit(".cursor/hooks.json", "hook", ("hooks", "sessionStart"), handler, version),
        _instructions(command),
    ]


def _gemini(_root: Path, command: Sequence[str]) -> list[Edit]:
    settings = ".gemini/settings.json"
    handler = {"name": NAME, "type": "command", "command": f"{_refresh(command)} ."}
    return [
        Edit(settings, "json", ("mcpServers", NAME), _server(command, ".")),
        Edit(settings, "hook", ("hooks", "SessionStart"), {"hooks": [handler]}),
        Edit("GEMINI.md", "section", value=_written_for(command, INSTRUCTIONS)),
    ]


def _copilot(_root: Path, command: Sequence[str]) -> list[Edit]:
    entry = {"type": "stdio", **_server(command, "${workspaceFolder}")}
    line = f"{_refresh(command)} ."
    handler = {"type": "command", "bash": line, "powershell": line, "cwd": ".", "timeoutSec": 30}
    hooks = {"version": 1, "hooks": {"sessionStart": [handler]}}
    return [
        Edit(".vscode/mcp.json", "json", ("servers", NAME), entry),
        Edit(f".github/hooks/{NAME}.json", "file", value=json.dumps(hooks, indent=2, ensure_ascii=False) + "\n"),
        _instructions(command),
    ]


def _zed(root: Path, command: Sequence[str]) -> list[Edit]:
    return [
        Edit(".zed/settings.json", "json", ("context_servers", NAME), _server(command, str(root))),
        _instructions(command),
    ]


def _opencode(root: Path, command: Sequence[str]) -> list[Edit]:
    file = "opencode.jsonc" if (root / "opencode.jsonc").exists() else "opencode.json"
    local = {"type": "local", "command": [*command, "mcp", "."], "enabled": True}
    words = json.dumps([*command, *ARGUMENTS.split()], ensure_ascii=False)
    return [
        Edit(file, "json", ("mcp", NAME), local),
        Edit(f".opencode/plugins/{NAME}.js", "file", value=_OPENCODE_PLUGIN.replace("COMMAND", words)),
        _instructions(command),
    ]


_OPENCODE_PLUGIN = """\
// Brings the index of codekin up to date when a session starts.
export const Codekin = async ({ $, directory }) => ({
  event: async ({ event }) => {
    if (event.type === "session.created") {
      await $`${COMMAND} ${directory}`.quiet().nothrow()
    }
  },
})
"""
_EDITS: Mapping[str, Callable[[Path, Sequence[str]], list[Edit]]] = {
    "claude": _claude,
    "codex": _codex,
    "cursor": _cursor,
    "gemini": _gemini,
    "copilot": _copilot,
    "zed": _zed,
    "opencode": _opencode,
}


def _instructions(command: Sequence[str]) -> Edit:
    return Edit("AGENTS.md", "section", value=_written_for(command, INSTRUCTIONS))


def _written_for(command: Sequence[str], text: str) -> str:
    """Return a text whose commands run also where `codekin` is not on the PATH."""
    return text.replace(f"`{NAME} ", f"`{_quoted(command)} ")


def _server(command: Sequence[str], folder: str) -> dict[str, Any]:
    program, *first = command
    return {"command": program, "args": [*first, "mcp", folder]}


def _refresh(command: Sequence[str]) -> str:
    """Return the shell command that brings an index up to date, without the folder."""
    return f"{_quoted(command)} {ARGUMENTS}"


def _quoted(words: Sequence[str]) -> str:
    if os.name == "nt":
        return " ".join(f'"{word}"' if " " in word else word for word in words)
    return shlex.join(words)
