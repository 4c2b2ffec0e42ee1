"""The settings of the VS Code extension have the names, defaults and bounds of the server's."""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec
import pytest

from codekin.config import Config, load_config
from support.places import ROOT

NOT_OFFERED = {"debounce_ms", "overlay_debounce_ms", "latency_limit_ms", "error_rate_limit", "memory_limit_bytes"}
# VS Code has an outline of its own for most languages, and would show two.
NOT_OFFERED.add("document_symbols")
# By the environment alone: what a workspace may say decides nothing about trust in that workspace.
NOT_OFFERED.add("trust_workspace_index")
MANIFEST = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
TAKEN = {
    *(f"ctrl+alt+{key}" for key in "bfio"),  # VS Code: side bar, find in lists, chat, remote menu
    *(f"ctrl+alt+{key}" for key in "jkl"),  # Bookmarks
    *(f"ctrl+alt+{key}" for key in "nmk"),  # Code Runner
    *(f"ctrl+alt+{key}" for key in "chr"),  # REST Client
    *(f"ctrl+alt+{key}" for key in "suv"),  # PlatformIO, VS Code Speech
    *(f"ctrl+shift+{key}" for key in "abcdefghijkmnopqrtuvxyz"),  # VS Code and chat assistants
}
OWN_DEFAULT = {"confirmAboveFiles"}
SETTINGS = {
    name.removeprefix("codekin."): setting
    for part in MANIFEST["contributes"]["configuration"]
    for name, setting in part["properties"].items()
}
FIELDS = {
    re.sub(r"_([a-z])", lambda found: found[1].upper(), field.name): field
    for field in msgspec.structs.fields(Config)
    if field.name not in NOT_OFFERED
}


@pytest.mark.parametrize("name", FIELDS)
def test_each_setting_of_the_server_is_offered_and_sent(name):
    setting = SETTINGS[name]
    if name not in OWN_DEFAULT:
        default = FIELDS[name].default
        assert setting["default"] == (list(default) if isinstance(default, tuple) else default)
    assert load_config({name: setting["default"]})
    sent = (ROOT / "client/src/settings.ts").read_text(encoding="utf-8")
    assert f'"{name}",' in sent or f'["{name}"]' in sent


def test_the_size_of_the_deep_model_that_the_extension_shows_is_that_of_its_files():
    folder = pytest.importorskip("codekin_deep_model").__path__[0]
    model = sum(path.stat().st_size for path in Path(folder).iterdir() if path.suffix in {".onnx", ".json"})
    shown = re.search(
        r"MODEL_MEGABYTES = (\d+)", (ROOT / "client/src/server/install/wheel.ts").read_text(encoding="utf-8")
    )
    assert shown
    assert abs(model / 1_000_000 - int(shown[1])) < 1


def test_keys_that_work_everywhere_belong_to_no_popular_extension():
    bindings = MANIFEST["contributes"]["keybindings"]
    everywhere = {binding["key"]: binding["mac"] for binding in bindings if "when" not in binding}
    assert everywhere == {"ctrl+shift+alt+f": "cmd+shift+alt+f"}
    assert not everywhere.keys() & TAKEN
