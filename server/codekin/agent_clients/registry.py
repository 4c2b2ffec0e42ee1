"""The clients that can be configured, and the files that each of them reads in a workspace."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Format = Literal["json", "toml", "section", "file"]
NAME = "codekin"
INSTRUCTIONS = """\
## Code search

Before you grep or read files, search this repository by meaning, name or error text:

- `codekin search "QUESTION" --format agent`: the best places with the lines that answer. Filters in
  the question: `lang:py path:src/** kind:commit`. `--max-tokens 800` shortens the answer, and
  `--offset` continues it.
- `codekin expand FILE:LINE`: the whole definition there. `codekin outline FILE`: what a file defines.
- `codekin related FILE:LINE --format agent`: tests, commits and similar code, before you change it.
- `codekin references NAME`: where a name is used, before you rename it.

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

    `path` are the keys of a JSON member, or the name of a TOML table in one part; `value` is what
    is set there, or the text of a section or file.
    """

    file: str
    format: Format
    path: tuple[str, ...] = ()
    value: Any = None


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


def edits_of(client: str, root: Path, command: Sequence[str]) -> list[Edit]:  # noqa: PLR0911 - one for each client
    """Return the edits of a client. `command` runs codekin, without its arguments."""
    program, *first = command
    relative = [*first, "mcp", "."]
    server = {"command": program, "args": relative}
    instructions = Edit("AGENTS.md", "section", value=INSTRUCTIONS)
    if client == "claude":
        return [
            Edit(".mcp.json", "json", ("mcpServers", NAME), server),
            Edit(".claude/settings.json", "json", ("env", "CODEKIN_FORMAT"), "agent"),
            Edit(f".claude/skills/{NAME}/SKILL.md", "file", value=SKILL),
        ]
    if client == "codex":
        table = {"command": program, "args": [*first, "mcp", str(root)]}
        return [Edit(".codex/config.toml", "toml", (f"mcp_servers.{NAME}",), table), instructions]
    if client == "cursor":
        args = [*first, "mcp", "${workspaceFolder}"]
        return [Edit(".cursor/mcp.json", "json", ("mcpServers", NAME), {**server, "args": args}), instructions]
    if client == "gemini":
        return [
            Edit(".gemini/settings.json", "json", ("mcpServers", NAME), server),
            Edit("GEMINI.md", "section", value=INSTRUCTIONS),
        ]
    if client == "copilot":
        args = [*first, "mcp", "${workspaceFolder}"]
        entry = {"type": "stdio", "command": program, "args": args}
        return [Edit(".vscode/mcp.json", "json", ("servers", NAME), entry), instructions]
    if client == "zed":
        entry = {"command": program, "args": [*first, "mcp", str(root)]}
        return [Edit(".zed/settings.json", "json", ("context_servers", NAME), entry), instructions]
    file = "opencode.jsonc" if (root / "opencode.jsonc").exists() else "opencode.json"
    local = {"type": "local", "command": [program, *relative], "enabled": True}
    return [Edit(file, "json", ("mcp", NAME), local), instructions]
