"""Code lenses: none unless asked for, then one above each definition, counted when it is shown."""

from __future__ import annotations

from lsprotocol import types

from codekin.domain.search import SIMILAR, SearchResult
from codekin.lsp.handlers.lenses import lens_text


def asked(root, path):
    return types.CodeLensParams(types.TextDocumentIdentifier((root / path).as_uri()))


async def test_off_unless_asked_for(client):
    found = await client.text_document_code_lens_async(asked(client.root, "api/parcelpost/carriers.py"))
    assert not found


async def test_above_each_definition_and_counted_when_shown(start, sample):
    body = "".join(f"    total += price * {n}\n" for n in range(3))
    for name in ("one", "two"):
        (sample / f"{name}.py").write_text(f"def add_{name}(price):\n    total = 0\n{body}    return total\n")
    client = await start(sample, options={"codeLens": True})
    lenses = await client.text_document_code_lens_async(asked(sample, "api/parcelpost/carriers.py"))
    lines = (sample / "api/parcelpost/carriers.py").read_text().split("\n")
    assert len(lenses) >= 3
    assert all(lines[lens.range.start.line].lstrip().startswith(("def ", "class ")) for lens in lenses)
    assert all(lens.command is None for lens in lenses)
    retry = next(lens for lens in lenses if "call_with_retry" in lines[lens.range.start.line])
    shown = await client.code_lens_resolve_async(retry)
    assert "tested by test_" in shown.command.title
    assert shown.command.command == "codekin.findRelated"
    (twin,) = await client.text_document_code_lens_async(asked(sample, "one.py"))
    assert (await client.code_lens_resolve_async(twin)).command.title.startswith("1 similar")


def refreshes(client):
    """The client's lenses are to be asked for again: a value for each time."""
    times = []

    @client.feature("workspace/codeLens/refresh")
    def refresh(_params):
        times.append(True)

    return times


async def test_the_client_asks_again_when_the_index_is_built(start, sample, wait_until):
    client = await start(sample, options={"codeLens": True}, ready=False)
    times = refreshes(client)

    async def asked_again():
        return times

    await wait_until(asked_again)


async def test_the_client_asks_again_when_the_setting_changes(start, sample, wait_until):
    client = await start(sample)
    times = refreshes(client)
    for wanted in True, False:
        before = len(times)
        settings = types.DidChangeConfigurationParams({"codekin": {"codeLens": wanted}})
        client.workspace_did_change_configuration(settings)

        async def asked_again(before=before):
            return len(times) > before  # a status that changes meanwhile has it asked once more

        await wait_until(asked_again)


async def test_a_document_outside_has_none(start, sample, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    (other / "a.py").write_text("def f():\n    return 1\n")
    client = await start(sample, options={"codeLens": True})
    assert not await client.text_document_code_lens_async(asked(other, "a.py"))


def test_text():
    def found(relation, score, symbol=""):
        return SearchResult("/w", "tests/test_a.py", 0, 1, "test", symbol, "python", score, relation=relation)

    assert lens_text(()) == "related code"
    assert lens_text((found(SIMILAR, 0.5),)) == "related code"
    assert lens_text((found("tested by", 0.6),)) == "tested by test_a.py"
    many = (found("tested by", 0.6, "Suite.test_x"), found("tested by", 0.6), found(SIMILAR, 0.8), found(SIMILAR, 0.7))
    assert lens_text(many) == "1 similar · tested by test_x and 1 more"
    assert lens_text((found(SIMILAR, 0.9),) * 30) == "30+ similar"
