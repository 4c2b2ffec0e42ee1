"""Installing and uninstalling on the configuration files of clients, with everything else kept."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys

import pytest

from codekin.agent_clients import CLIENTS, edits_of, planned, write
from codekin.agent_clients.jsonc import JsonError, get, with_member, without_member
from codekin.errors import SettingsError
from support.commands import run_codekin

COMMAND = ["codekin"]
FILES = {
    "claude": {
        ".mcp.json": '{\n  "mcpServers": {\n    "github": {\n      "type": "http",\n      "url": "https://api.example.com/mcp"\n    }\n  }\n}\n',
        ".claude/settings.json": '{\n  "permissions": {"allow": ["Bash(npm run test:*)"]},\n  "env": {\n    "FOO": "bar"\n  },\n  "hooks": {\n    "SessionStart": [\n      {\n        "matcher": "startup",\n        "hooks": [{ "type": "command", "command": "./setup.sh" }]\n      }\n    ]\n  }\n}\n',
    },
    "codex": {
        ".codex/config.toml": (
            'model = "o4-mini"\n\n# Documentation of libraries\n[mcp_servers.context7]\ncommand = "npx"\n'
            'args = ["-y", "@upstash/context7-mcp"]\n\n[mcp_servers.context7.env]\nKEY = "value" # mine\n'
        ),
        ".codex/hooks.json": '{\n  "hooks": {\n    "Stop": [{ "hooks": [{ "type": "command", "command": "say done" }] }]\n  }\n}\n',
        "AGENTS.md": "# Rules\n\nRun the tests.\n",
    },
    "cursor": {
        ".cursor/mcp.json": '{\n\t"mcpServers": {\n\t\t"a": { "command": "npx", "args": ["-y", "x"] },\n\t\t"b": { "url": "http://localhost" }\n\t}\n}\n',
        ".cursor/hooks.json": '{\n  "version": 1,\n  "hooks": {\n    "sessionStart": [{ "command": "./hooks/audit.sh" }],\n    "stop": [{ "command": "./hooks/stop.sh" }]\n  }\n}\n',
    },
    "gemini": {
        ".gemini/settings.json": '{\n  // the model\n  "model": { "name": "x" },\n  "mcpServers": { "a": {"httpUrl": "x"} /* mine */ }, // all\n  "hooks": {\n    "SessionStart": [\n      // warms caches\n      {"hooks": [{"type": "command", "command": "make warm"}]}, // mine\n    ],\n  },\n}\n',
        "GEMINI.md": "# Project\n\nBe brief.",
    },
    "copilot": {
        ".vscode/mcp.json": (
            '{\n    "inputs": [\n        { "type": "promptString", "id": "key", "password": true },\n    ],\n    "servers": {\n'
            '        // reads the web\n        "fetch": {\n            "type": "stdio",\n            "command": "uvx",\n'
            '            "args": ["mcp-server-fetch"],\n        }, // last\n    },\n}\n'
        ),
    },
    "zed": {
        ".zed/settings.json": '// Folder-specific settings\n{\n  "tab_size": 2,\n  "context_servers": {\n    "x": { "command": "y", "args": [], "env": {} }\n  }\n}\n',
    },
    "opencode": {
        "opencode.jsonc": '{\r\n  "$schema": "https://opencode.ai/config.json",\r\n  "mcp": {\r\n    "m": { "type": "local", "command": ["bun"], "enabled": true } // mine\r\n  }\r\n}\r\n',
    },
}


def texts(root):
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


@pytest.fixture
def workspace(tmp_path):
    def made(files):
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(text.encode())
        return tmp_path

    return made


def change(root, *clients, install):
    changes = planned(root, [edit for client in clients for edit in edits_of(client, root, COMMAND)], install=install)
    write(changes)
    return changes


@pytest.mark.parametrize("client", CLIENTS)
def test_a_round_trip_leaves_every_byte(workspace, client):
    root = workspace(FILES[client])
    before = texts(root)
    assert change(root, client, install=True)
    installed = texts(root)
    assert not change(root, client, install=True), "a second time changes nothing"
    for name, text in before.items():
        assert set(text.replace(b",", b" ").split()) <= set(installed[name].replace(b",", b" ").split())
    assert change(root, client, install=False)
    assert texts(root) == before | {name: text + b"\n" for name, text in before.items() if name == "GEMINI.md"}
    assert not change(root, client, install=False)


@pytest.mark.parametrize("client", CLIENTS)
def test_without_files_they_are_created_and_removed(tmp_path, client):
    changes = change(tmp_path, client, install=True)
    assert len(changes) >= 2
    assert any("codekin" in change.diff for change in changes)
    change(tmp_path, client, install=False)
    assert list(tmp_path.iterdir()) == []


def test_the_entries_have_the_form_that_clients_document(tmp_path):
    change(tmp_path, *CLIENTS, install=True)
    server = {"command": "codekin", "args": ["mcp", "."]}
    assert json.loads((tmp_path / ".mcp.json").read_text()) == {"mcpServers": {"codekin": server}}
    assert json.loads((tmp_path / ".claude/settings.json").read_text())["env"] == {"CODEKIN_FORMAT": "agent"}
    assert json.loads((tmp_path / ".gemini/settings.json").read_text())["mcpServers"] == {"codekin": server}
    vscode = json.loads((tmp_path / ".vscode/mcp.json").read_text())["servers"]["codekin"]
    assert vscode == {"type": "stdio", "command": "codekin", "args": ["mcp", "${workspaceFolder}"]}
    opencode = json.loads((tmp_path / "opencode.json").read_text())["mcp"]["codekin"]
    assert opencode == {"type": "local", "command": ["codekin", "mcp", "."], "enabled": True}
    skill = (tmp_path / ".claude/skills/codekin/SKILL.md").read_text()
    assert skill.startswith("---\nname: codekin\ndescription: ")
    if sys.version_info >= (3, 11):
        import tomllib

        table = tomllib.loads((tmp_path / ".codex/config.toml").read_text())["mcp_servers"]["codekin"]
        assert table == {"command": "codekin", "args": ["mcp", str(tmp_path)]}


def test_the_hooks_have_the_form_that_clients_document(tmp_path):
    change(tmp_path, *CLIENTS, install=True)

    def hooks(file):
        return json.loads((tmp_path / file).read_text())["hooks"]

    def group(folder, **names):
        handler = {**names, "type": "command", "command": f"codekin index --background {folder}"}
        return {"SessionStart": [{"hooks": [handler]}]}

    assert hooks(".claude/settings.json") == group('"$CLAUDE_PROJECT_DIR"')
    assert hooks(".codex/hooks.json") == group(shlex.quote(str(tmp_path)))
    assert hooks(".gemini/settings.json") == group(".", name="codekin")
    assert json.loads((tmp_path / ".cursor/hooks.json").read_text())["version"] == 1
    assert hooks(".cursor/hooks.json") == {"sessionStart": [{"command": "codekin index --background ."}]}
    (copilot,) = hooks(".github/hooks/codekin.json")["sessionStart"]
    assert copilot["bash"] == copilot["powershell"] == "codekin index --background ."
    plugin = (tmp_path / ".opencode/plugins/codekin.js").read_text()
    assert '$`${["codekin", "index", "--background"]} ${directory}`' in plugin


@pytest.mark.skipif(not shutil.which("node"), reason="node runs the plugin")
def test_the_plugin_of_opencode_runs_the_command_when_a_session_starts(tmp_path):
    change(tmp_path, "opencode", install=True)
    plugin = tmp_path / ".opencode/plugins/codekin.js"
    plugin.rename(plugin.with_suffix(".mjs"))
    program = (
        "import { Codekin } from './.opencode/plugins/codekin.mjs'\n"
        "const run = (_, ...words) => ({ quiet: () => ({ nothrow: async () => console.log(JSON.stringify(words)) }) })\n"
        "const { event } = await Codekin({ $: run, directory: '/a b' })\n"
        "await event({ event: { type: 'session.idle' } })\n"
        "await event({ event: { type: 'session.created' } })\n"
    )
    command = ["node", "--input-type=module", "--eval", program]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(done.stdout) == [["codekin", "index", "--background"], "/a b"]


def test_a_hook_that_a_user_changed_stays_and_others_in_its_group_too(workspace):
    mine = '{"type": "command", "command": "codekin index --background sub", "timeout": 5}'
    other = '{"type": "command", "command": "./setup.sh"}'
    text = f'{{"hooks": {{"SessionStart": [{{"matcher": "startup", "hooks": [{other}, {mine}]}}]}}}}\n'
    root = workspace({".codex/hooks.json": text})
    change(root, "codex", install=True)
    assert (root / ".codex/hooks.json").read_text() == text
    change(root, "codex", install=False)
    assert (root / ".codex/hooks.json").read_text() == text.replace(f", {mine}", "")
    alone = f'{{"description": "d", "hooks": {{"SessionStart": [{{"matcher": "startup", "hooks": [{mine}]}}]}}}}\n'
    (root / ".codex/hooks.json").write_text(alone)
    change(root, "codex", install=False)
    assert json.loads((root / ".codex/hooks.json").read_text()) == {"description": "d"}


def test_hooks_that_are_not_a_list_are_not_changed(workspace):
    root = workspace({".codex/hooks.json": '{"hooks": {"SessionStart": {"hooks": []}}}'})
    with pytest.raises(SettingsError, match="It was not changed"):
        change(root, "codex", install=True)


def test_instructions_name_the_program_where_it_is_not_on_the_path(tmp_path):
    program = "/opt/my tools/codekin"
    edits = [edit for client in CLIENTS for edit in edits_of(client, tmp_path, [program])]
    write(planned(tmp_path, edits, install=True))
    for file in ("AGENTS.md", "GEMINI.md", ".claude/skills/codekin/SKILL.md"):
        text = (tmp_path / file).read_text()
        assert f"`{shlex.quote(program)} search" in text
        assert "`codekin search" not in text
        assert "the MCP server `codekin` instead" in text
    write(planned(tmp_path, edits, install=False))
    assert list(tmp_path.iterdir()) == []


def test_an_entry_that_a_user_changed_stays(workspace):
    text = '{"mcpServers": {"codekin": {"command": "mine", "env": {"CODEKIN_HOME": "x"}}}}\n'
    root = workspace({".cursor/mcp.json": text, ".codex/config.toml": 'mcp_servers.codekin = { command = "mine" }\n'})
    change(root, "cursor", "codex", install=True)
    assert (root / ".cursor/mcp.json").read_text() == text
    assert (root / ".codex/config.toml").read_text() == 'mcp_servers.codekin = { command = "mine" }\n'


def test_a_section_is_replaced_in_its_place(workspace):
    root = workspace({"AGENTS.md": "# A\n\n<!-- codekin:begin -->\nold\n<!-- codekin:end -->\n\n# B\n"})
    change(root, "codex", install=True)
    text = (root / "AGENTS.md").read_text()
    assert "old" not in text
    assert text.index("# A") < text.index("codekin search") < text.index("# B")


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"mcpServers": []}', '{"a": 1 "b": 2}', "{} {}", '{"a": tru}', "[" * 10_000]
)
def test_a_file_that_is_not_valid_is_not_changed(workspace, text):
    root = workspace({".cursor/mcp.json": text})
    with pytest.raises(SettingsError, match="It was not changed"):
        change(root, "cursor", install=True)
    assert texts(root) == {".cursor/mcp.json": text.encode()}


@pytest.mark.parametrize(
    "text", ["", "{}", '{"a": 1}', "// c\n{\n // d\n}\n", '\ufeff{\n "x": {}}', '{"x": {"y": 1,}, }']
)
def test_a_member_is_added_and_removed_in_any_layout(text):
    made = with_member(text, ["x", "codekin"], {"k": [1]})
    assert get(made, ["x", "codekin"]) == {"k": [1]}
    again = without_member(made, ["x", "codekin"])
    assert again in (text, text.replace('"x": {}', ""), "") or get(again, ["x", "codekin"]) is None
    if again:
        assert get(again, ["a"]) == get(text, ["a"])


def test_a_member_cannot_be_added_to_what_is_no_object():
    with pytest.raises(JsonError):
        with_member('{"x": 1}', ["x", "codekin"], {})


def test_the_command_shows_the_change_and_writes_only_when_told(workspace):
    root = workspace(FILES["codex"])
    before = texts(root)
    dry = run_codekin("agents", "install", "codex", "--dry-run", cwd=root, check=True)
    assert "+[mcp_servers.codekin]" in dry.stdout
    assert "+++ b/AGENTS.md" in dry.stdout
    asked = run_codekin("agents", "install", "codex", cwd=root)
    assert asked.returncode == 2
    assert "--yes" in asked.stderr
    assert texts(root) == before
    run_codekin("agents", "install", "codex", "cursor", "--yes", cwd=root, check=True)
    assert "Nothing to change" in run_codekin("agents", "install", "codex", "--yes", cwd=root, check=True).stdout
    run_codekin("agents", "uninstall", "cursor", "--yes", cwd=root, check=True)
    assert "codekin search" in (root / "AGENTS.md").read_text(), "Codex still reads it"
    run_codekin("agents", "uninstall", "--yes", cwd=root, check=True)
    assert texts(root) == before
