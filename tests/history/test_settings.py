"""Settings of the history by environment, and what is said of those that cannot be meant."""

from __future__ import annotations

import pytest

from codekin.config import load_config
from codekin.errors import SettingsError


def test_history_is_set_by_the_environment():
    given = {"CODEKIN_HISTORY": "off", "CODEKIN_HISTORY_COMMITS": "50", "CODEKIN_HISTORY_DAYS": "7"}
    config = load_config(environ=given)
    assert (config.history, config.history_commits, config.history_days) == (False, 50, 7)
    assert load_config({"history": True}, environ=given).history
    assert load_config(environ={"CODEKIN_HISTORY": "On"}).history
    assert load_config(environ={}).history


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("CODEKIN_HISTORY", "maybe", "CODEKIN_HISTORY must be one of"),
        ("CODEKIN_HISTORY_COMMITS", "many", "CODEKIN_HISTORY_COMMITS must be a number"),
        ("CODEKIN_HISTORY_COMMITS", "-1", "historyCommits"),
        ("CODEKIN_HISTORY_DAYS", "-1", "historyDays"),
    ],
)
def test_bad_values_are_named(name, value, message):
    with pytest.raises(SettingsError, match=message):
        load_config(environ={name: value})
