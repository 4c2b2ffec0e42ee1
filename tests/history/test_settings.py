"""Settings of the history by environment, and what is said of those that cannot be meant."""

from __future__ import annotations

import pytest

from codekin.config import load_config
from codekin.errors import SettingsError


def test_every_setting_has_a_variable_of_its_name():
    given = {"CODEKIN_MAX_FILE_BYTES": "5000", "CODEKIN_EXCLUDE": "docs/**, *.gen.py", "CODEKIN_DEEP_BUDGET": "0.25"}
    config = load_config(environ=given)
    assert (config.max_file_bytes, config.exclude, config.deep_budget) == (5000, ("docs/**", "*.gen.py"), 0.25)


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
        ("CODEKIN_HISTORY", "maybe", "CODEKIN_HISTORY cannot be .maybe.: expected on or off"),
        ("CODEKIN_HISTORY_COMMITS", "many", "CODEKIN_HISTORY_COMMITS cannot be .many.: expected `int`"),
        ("CODEKIN_HISTORY_COMMITS", "-1", "CODEKIN_HISTORY_COMMITS cannot be .-1.: expected `int` >= 0"),
        ("CODEKIN_HISTORY_DAYS", "-1", "CODEKIN_HISTORY_DAYS"),
        ("CODEKIN_METADATA", "papyrus", "expected one of auto, sqlite, memory"),
    ],
)
def test_bad_values_are_named(name, value, message):
    with pytest.raises(SettingsError, match=message):
        load_config(environ={name: value})
