"""codekin/duplicates over stdio."""

from __future__ import annotations

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException


async def test_groups_have_the_places_of_results(start, sample, ask):
    copy = (sample / "api/parcelpost/carriers.py").read_text()
    (sample / "api/parcelpost/copied.py").write_text(copy)
    client = await start(sample)
    found = await ask(client, "codekin/duplicates", {})
    assert found.total == len(found.groups) > 0
    assert found.coverage.complete
    group = next(group for group in found.groups if group.places[0].path == "api/parcelpost/carriers.py")
    assert [place.path for place in group.places] == ["api/parcelpost/carriers.py", "api/parcelpost/copied.py"]
    assert group.places[1].uri.endswith("/copied.py")
    assert group.places[1].reason == "the same text"
    narrowed = await ask(client, "codekin/duplicates", {"filters": {"paths": ["gateway/**"]}})
    assert narrowed.compared < found.compared


async def test_the_threshold_is_a_setting(start, sample, ask):
    copy = (sample / "api/parcelpost/carriers.py").read_text()
    (sample / "api/parcelpost/changed.py").write_text(copy.replace("attempts", "tries").replace("delay", "pause"))
    client = await start(sample, options={"duplicatesThreshold": 1})
    exact = await ask(client, "codekin/duplicates", {})
    assert (await ask(client, "codekin/duplicates", {"threshold": 0.9})).total > exact.total
    lower = types.DidChangeConfigurationParams({"codekin": {"duplicatesThreshold": 0.9}})
    before = len(client.statuses)
    client.workspace_did_change_configuration(lower)
    assert (await ask(client, "codekin/duplicates", {})).total > exact.total
    assert all(status.state == "ready" for status in client.statuses[before:]), "the index was reopened"


@pytest.mark.parametrize("params", [{"limit": 0}, {"limit": 1_001}, {"threshold": 0.5}, {"filters": {"at": "main"}}])
async def test_bad_parameters(start, sample, ask, params):
    client = await start(sample)
    with pytest.raises(JsonRpcException) as failure:
        await ask(client, "codekin/duplicates", params)
    assert failure.value.code == -32602
