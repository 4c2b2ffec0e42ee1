"""A command is answered by the process that has the folder open, and works alone otherwise."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys

import msgspec
import pytest

from codekin.api import Query, Text
from codekin.cli.forms import MORE_PLACES
from codekin.config import load_config
from codekin.engine import Engine
from codekin.errors import SettingsError
from codekin.serving.client import ask, ask_for_agent
from codekin.serving.messages import AgentForm, Answer, question, settings_of, socket_of
from codekin.serving.server import QueryServer
from support.commands import run_codekin
from support.waiting import until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no sockets of files there")

RETRY = Query(ask=Text(text="where is the retry logic?"))


@pytest.fixture
async def served(sample):
    """The path of the socket of a folder whose index an engine keeps up to date."""
    config = load_config({"embedder": "hashing"})
    engine = await Engine.open(config, [sample], watch=True)
    server = QueryServer(engine, config)
    server.start()
    path = socket_of(config, sample.resolve())
    await until(path.exists)
    await until(lambda: engine.status().coverage.complete)
    yield path
    await server.close()
    await engine.close()
    assert not path.exists()


async def asked(root, query=RETRY, **settings):
    config = load_config({"embedder": "hashing", **settings})
    return await asyncio.to_thread(ask, config, root.resolve(), query.to_json())


async def test_the_answer_of_a_search_of_its_own(sample, served):
    answer = await asked(sample)
    assert answer.coverage.complete
    alone = await asyncio.to_thread(
        run_codekin,
        "search",
        RETRY.ask.text,
        sample,
        "--json",
        CODEKIN_EMBEDDER="hashing",
        CODEKIN_MAX_FILE_BYTES="999000",
    )
    command = await asyncio.to_thread(
        run_codekin, "search", RETRY.ask.text, sample, "--json", "-n", "20", CODEKIN_EMBEDDER="hashing"
    )
    assert [item.path for item in answer.results] == [item["path"] for item in json.loads(command.stdout)["results"]]
    assert alone.returncode in (0, 1)  # other settings: it worked alone
    assert served.stat().st_mode & 0o777 == 0o600
    assert served.parent.stat().st_mode & 0o777 == 0o700


async def test_an_answer_for_a_model_is_that_of_a_command_of_its_own(sample, served):
    config = load_config({"embedder": "hashing"})
    form = AgentForm(500, "lines", 0, MORE_PLACES)
    found = await asyncio.to_thread(ask_for_agent, config, sample.resolve(), RETRY.to_json(), form)
    arguments = ("search", RETRY.ask.text, sample, "--format", "agent", "--max-tokens", "500")
    settings = {"CODEKIN_EMBEDDER": "hashing", "CODEKIN_MAX_FILE_BYTES": "900000"}
    asking = await asyncio.to_thread(run_codekin, *arguments, CODEKIN_EMBEDDER="hashing")
    alone = await asyncio.to_thread(run_codekin, *arguments, **settings)
    assert found["places"]
    assert asking.stdout == f"{found['text']}\n"
    assert asking.stdout.splitlines()[1:] == alone.stdout.splitlines()[1:]
    wrong = msgspec.structs.replace(form, max_tokens=1)
    with pytest.raises(SettingsError, match="max_tokens"):
        await asyncio.to_thread(ask_for_agent, config, sample.resolve(), RETRY.to_json(), wrong)


@pytest.mark.parametrize(
    "arguments",
    [("expand", "api/parcelpost/carriers.py:14"), ("references", "call_with_retry"), ("expand", "README.md")],
)
async def test_other_commands_for_models_are_answered_too(sample, served, arguments):
    asking = await asyncio.to_thread(run_codekin, *arguments, "--json", cwd=sample, CODEKIN_EMBEDDER="hashing")
    other = {"CODEKIN_EMBEDDER": "hashing", "CODEKIN_MAX_FILE_BYTES": "900000"}
    alone = await asyncio.to_thread(run_codekin, *arguments, "--json", cwd=sample, **other)
    assert asking.returncode == alone.returncode == 0
    assert json.loads(asking.stdout) == json.loads(alone.stdout)
    heavy = [name for name in HEAVY if f"import {name}" in await imported_by(sample, *arguments)]
    assert not heavy


HEAVY = ("numpy", "asyncio", "logging", "codekin.engine", "codekin.answers")


async def imported_by(sample, *arguments):
    program = (
        "import sys; from codekin import process; whole = process.end_process\n"
        "def end(status): print(*(f'import {name}' for name in sys.modules), sep='\\n'); whole(status)\n"
        "process.end_process = end; from codekin.__main__ import main; main()"
    )
    done = await asyncio.to_thread(
        run_codekin, *arguments, program=program, cwd=sample, check=True, CODEKIN_EMBEDDER="hashing"
    )
    return done.stdout.splitlines()


async def test_a_search_that_another_process_answers_imports_little(sample, served):
    for form in ("agent", "json"):
        names = await imported_by(sample, "search", "retry", str(sample), "--format", form)
        assert "import codekin.cli.commands" in names
        assert not [name for name in HEAVY if f"import {name}" in names]


async def test_what_was_just_saved_is_found(sample, served):
    (sample / "added.py").write_text("def weigh_a_quokka():\n    return 1\n")
    query = Query(ask=Text(text="weigh_a_quokka", mode="literal"))

    async def found():
        return [item.path for item in (await asked(sample, query)).results] == ["added.py"]

    await until(found)


async def test_an_error_is_the_same_error(sample, served):
    with pytest.raises(SettingsError, match="regular expression"):
        await asked(sample, Query(ask=Text(text="(", mode="regex")))


async def test_anything_different_is_answered_alone(sample, served, tmp_path):
    assert await asked(sample, embedder="static") is None
    assert await asked(sample, exclude=["api"]) is None
    assert await asked(tmp_path) is None
    assert await asked(sample, codeLens=True) is not None


async def raw(path, data):
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(data)
    writer.write_eof()
    answer = await reader.read()
    writer.close()
    return answer


async def test_nonsense_is_refused_and_ends_nothing(sample, served):
    other = question(load_config({"embedder": "hashing"}), RETRY.to_json())
    version = msgspec.structs.replace(other, version="0.0.0")
    for data in (b"", b"\n", b"{}\n", b"[" * 100_000 + b"\n", os.urandom(5_000), msgspec.json.encode(version) + b"\n"):
        answer = await raw(served, data)
        assert answer == b"" or msgspec.json.decode(answer, type=Answer) == Answer()
    assert await asked(sample) is not None


async def test_a_socket_that_nobody_serves_any_more(sample):
    config = load_config({"embedder": "hashing"})
    path = socket_of(config, sample.resolve())
    path.parent.mkdir(mode=0o700, parents=True)
    with socket.socket(socket.AF_UNIX) as abandoned:
        abandoned.bind(str(path))
    assert await asked(sample) is None
    engine = await Engine.open(config, [sample], watch=True)
    server = QueryServer(engine, config)
    server.start()

    async def answered():
        return await asked(sample) is not None

    await until(answered)
    await server.close()
    await engine.close()


async def test_a_folder_that_others_may_use_is_not_trusted(sample, served):
    served.parent.chmod(0o755)
    assert await asked(sample) is None
    served.parent.chmod(0o700)
    assert await asked(sample) is not None


def test_settings_that_change_no_answer_do_not_matter():
    assert settings_of(load_config({"codeLens": True})) == settings_of(load_config())
    assert settings_of(load_config({"include": ["x"]})) != settings_of(load_config())
