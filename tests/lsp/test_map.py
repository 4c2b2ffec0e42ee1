"""codekin/map over stdio."""

from __future__ import annotations

import pytest
from pygls.exceptions import JsonRpcException


async def test_points_are_arrays_of_one_length(client, ask):
    found = await ask(client, "codekin/map", {})
    assert found.shown == found.total > 50
    points = found.points
    arrays = [points.x, points.y, points.file, points.startLine, points.endLine, points.symbol, points.kind]
    assert {len(array) for array in arrays} == {found.shown}
    at = points.symbol.index("call_with_retry")
    file = found.files[points.file[at]]
    assert file.uri.endswith("/api/parcelpost/carriers.py")
    assert found.groups[file.group] == "api"
    assert not found.unchanged


async def test_who_has_the_map_is_not_sent_it_again(client, ask):
    first = await ask(client, "codekin/map", {})
    again = await ask(client, "codekin/map", {"known": first.revision})
    assert again.unchanged
    assert again.revision == first.revision
    assert not hasattr(again, "points")


@pytest.mark.parametrize("params", [{"limit": 0}, {"limit": 20_001}, {"limit": "many"}, {"known": 5}])
async def test_bad_parameters(start, sample, ask, params):
    client = await start(sample, ready=False)
    with pytest.raises(JsonRpcException) as failure:
        await ask(client, "codekin/map", params)
    assert failure.value.code == -32602
