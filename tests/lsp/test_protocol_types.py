"""The client's types are those that the server declares."""

from __future__ import annotations

import importlib.util
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_generated_types_are_up_to_date():
    place = ROOT / "server/tools/protocol_types.py"
    spec = importlib.util.spec_from_file_location("protocol_types", place)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    written = tool.OUTPUT.read_text(encoding="utf-8")
    assert written == tool.generated(), "Run `python server/tools/protocol_types.py`."
