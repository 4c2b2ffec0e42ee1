"""Secrets are blanked out before text is stored, and nothing else is.

The examples are composed at run time, so that no scanner takes them for real secrets.
"""

from __future__ import annotations

import pytest

from codekin.chunking.secrets import redact
from codekin.domain.search import SearchRequest
from support.engines import open_engine

SECRETS = [
    "AKIA" + "ABCDEFGH12345678",
    "ghp_" + "a1" * 18,
    "glpat-" + "x" * 20,
    "xoxb-" + "1234567890-abc",
    "sk_live_" + "a" * 24,
    "AIza" + "b" * 35,
    ".".join(("eyJ" + "a" * 16, "eyJ" + "b" * 12, "c" * 12)),
]


@pytest.mark.parametrize("secret", SECRETS)
def test_known_tokens_are_blanked_out(secret):
    text, count = redact(f'key = "{secret}"\nnext\n')
    assert count == 1
    assert secret not in text
    assert text.endswith("\nnext\n")


def test_private_keys_keep_their_lines_and_named_literals_are_removed():
    block = "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIE\nabcd\n-----END"
    text, count = redact(block)
    assert count == 1
    assert "MIIE" not in text
    assert text.count("\n") == block.count("\n")
    assert "hunter2" not in redact('password = "hunter2hunter2"')[0]


@pytest.mark.parametrize(
    "text",
    ['password = "changeme"', "secret = read_secret(path)", "sha = 'd41d8cd98f00b204e9800998ecf8427e'", "api_key: str"],
)
def test_ordinary_code_is_unchanged(text):
    assert redact(text) == (text, 0)


async def test_a_secret_cannot_be_searched(tmp_path):

    (tmp_path / "link.py").write_text(f'def connect():\n    return open_it("{SECRETS[1]}")\n')
    async with open_engine(tmp_path) as engine:
        await engine.index()
        found = await engine.search(SearchRequest(SECRETS[1], mode="lexical"))
        assert not found.results
        assert engine.status().redacted == 1
