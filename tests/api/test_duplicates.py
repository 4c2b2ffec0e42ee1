"""Duplicates for programs."""

from __future__ import annotations

import json
import math

import pytest

from codekin.api import SettingsError, Workspace
from support.commands import run_codekin


@pytest.fixture
def copied(sample):
    (sample / "api/parcelpost/copied.py").write_text((sample / "api/parcelpost/carriers.py").read_text())
    return sample


def test_answers_what_the_command_line_prints(copied):
    printed = json.loads(run_codekin("duplicates", "--json", "--path", "api/**", cwd=copied, check=True).stdout)
    with Workspace.open(copied) as workspace:
        assert workspace.duplicates(paths=["api/**"]) == printed
    assert printed["groups"]


async def test_the_threshold_is_that_of_the_settings(copied):
    async with Workspace.open(copied, settings={"duplicatesThreshold": 1}) as workspace:
        await workspace.index()
        exact = await workspace.duplicates()
        assert {place.get("reason") for group in exact["groups"] for place in group["places"][1:]} == {"the same text"}
        assert exact == await workspace.duplicates(threshold=1)
        assert exact["total"] <= (await workspace.duplicates(threshold=0.9))["total"]


@pytest.mark.parametrize("arguments", [{"threshold": 0.5}, {"threshold": math.nan}, {"limit": 0}])
async def test_bad_arguments_are_named(copied, arguments):
    async with Workspace.open(copied) as workspace:
        with pytest.raises(SettingsError, match=next(iter(arguments))):
            await workspace.duplicates(**arguments)
