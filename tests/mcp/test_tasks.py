"""Ten tasks of an agent, end to end: search, then expand, then related and references."""

from __future__ import annotations

import pytest

from codekin.answers import count_tokens

META = "codekin/answer"
TASKS = [
    ("where do we retry when a carrier does not answer?", "api/parcelpost/carriers.py", "call_with_retry"),
    ("how is the rate limit of a client decided", "gateway/limits/bucket.go", "TokenBucket"),
    ("verify that a webhook really came from the carrier", "gateway/webhooks/signature.go", "Verify"),
    (
        "when may we not send notifications at night",
        "notifier/src/main/java/post/parcel/notifier/QuietHours.java",
        "QuietHours",
    ),
    ("shorten a delivery tour by swapping", "router/src/tour.rs", "two_opt"),
    ("wait until the user stops typing", "web/src/search/debounce.ts", "debounce"),
    ("raise CarrierUnavailable gave up after attempts", "api/parcelpost/carriers.py", "CarrierUnavailable"),
    ("remember addresses that were already geocoded", "api/parcelpost/geocoding.py", "GeocoderCache"),
    ("price of a parcel with a coupon", "api/parcelpost/pricing.py", "apply_coupon"),
    ("LiveUpdates", "web/src/tracking/liveUpdates.ts", "LiveUpdates"),
]


async def ask(client, tool, most, **arguments):
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    text = result.content[0].text
    assert count_tokens(text) <= most
    return text, result.meta[META]


async def test_ten_tasks(agent):
    async with agent() as client:
        for question, path, symbol in TASKS:
            text, meta = await ask(client, "search", 800, query=question, max_tokens=800)
            place = next((item for item in meta["places"] if item["path"] == path), None)
            assert place, (question, text)
            outline, _ = await ask(client, "expand", 400, path=path, max_tokens=400)
            assert symbol in outline
            line = next(int(line.split("-")[0]) for line in outline.splitlines() if line.endswith(f" {symbol}"))
            whole, (shown,) = await expand(client, path, line)
            assert symbol in whole
            assert shown["start_line"] <= line <= shown["end_line"]
            around, _ = await ask(client, "related", 500, path=path, line=line, max_tokens=500)
            assert "index current" in around
            used, _ = await ask(client, "references", 500, name=symbol, max_tokens=500)
            assert f"{path}:" in used
            assert "(definition" in used


async def expand(client, path, line):
    text, meta = await ask(client, "expand", 1_000, path=path, line=line, max_tokens=1_000)
    return text, meta["places"]


async def test_pages_continue_without_gaps_and_repetitions(agent, codekin):
    codekin("search", "parcel")  # folders are indexed after the files, which moves the places behind them
    async with agent() as client:
        seen, cursor = [], ""
        while True:
            _, meta = await ask(client, "search", 300, query="parcel", max_tokens=300, detail="places", cursor=cursor)
            seen += [(item["path"], item.get("start_line")) for item in meta["places"]]
            cursor = meta.get("cursor", "")
            if not cursor:
                break
            assert meta["places"]
        assert len(seen) > 30
        assert len(seen) == len(set(seen))


@pytest.mark.parametrize("tokens", [200, 500, 5_000])
async def test_an_expansion_that_is_cut_says_how_to_continue(agent, sample, tokens):
    body = "".join(f"    value_{number} = compute({number}) + offset\n" for number in range(300))
    (sample / "long.py").write_text(f"def long_function(offset):\n{body}    return offset\n")
    async with agent() as client:
        line, lines = 1, []
        text, _ = await ask(client, "expand", tokens, path="long.py", line=line, max_tokens=tokens)
        while True:
            lines += [item for item in text.splitlines() if item.startswith("    value_")]
            if "Cut at line" not in text:
                break
            following = int(text.rsplit("line=", 2)[1].split(",")[0])
            text, _ = await ask(
                client, "expand", tokens, path="long.py", line=following, end_line=302, max_tokens=tokens
            )
        assert len(lines) == 300
        assert len(set(lines)) == 300
