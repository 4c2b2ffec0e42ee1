"""What a command and a server say to each other: one line of JSON each, on a socket of the user."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any, Literal, TypeAlias

import msgspec

from codekin import __version__
from codekin.config import Config
from codekin.domain.search import SearchResponse

MOST_BYTES = 64_000_000
_LONGEST_PATH = 100
"""Operating systems limit the path of a socket to 104 or 108 bytes."""
_IRRELEVANT = {
    "watch",
    "reconcile_interval_s",
    "debounce_ms",
    "overlay_debounce_ms",
    "code_lens",
    "confirm_above_files",
}
_IRRELEVANT |= {"latency_limit_ms", "error_rate_limit", "memory_limit_bytes", "deep_budget", "allow_downloads"}


class AgentForm(msgspec.Struct, frozen=True):
    """The form of an answer for a model; `more` is the line that says how to continue."""

    max_tokens: int
    detail: Literal["places", "lines", "full"]
    offset: int
    more: str


class Expand(msgspec.Struct, frozen=True, tag="expand"):
    """A place to show: lines of a file, the definition around a line, or its outline."""

    path: str
    line: int | None
    end_line: int | None


class References(msgspec.Struct, frozen=True, tag="references"):
    """A name whose definitions and uses are to be listed."""

    name: str


Asked: TypeAlias = str | Expand | References
"""What is asked; text is a query as `Query.to_json` writes it."""


class Question(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is asked, and what must be the same on both sides.

    With a `form`, the answer is one for a model; `Expand` and `References` have no other.
    """

    version: str
    settings: str
    asked: Asked
    form: AgentForm | None = None


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """The response, or an `AgentAnswerShape`, or an `error` with its `message`.

    With none of them, the command works alone.
    """

    response: SearchResponse | None = None
    for_agent: dict[str, Any] | None = None
    error: str = ""
    message: str = ""


def question(config: Config, asked: Asked, form: AgentForm | None = None) -> Question:
    """Return the question of a command with these settings."""
    return Question(__version__, settings_of(config), asked, form)


def settings_of(config: Config) -> str:
    """Return a digest of the settings that an answer depends on."""
    named = sorted((name, repr(getattr(config, name))) for name in config.__struct_fields__ if name not in _IRRELEVANT)
    return hashlib.blake2b(repr(named).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def socket_of(config: Config, root: Path) -> Path | None:
    """Return the socket of a folder, or None if this system has none, or its path is too long."""
    name = hashlib.blake2b(os.fsencode(root), digest_size=10).hexdigest()
    path = config.home_path() / "servers" / f"{name}.sock"
    return path if hasattr(os, "getuid") and len(os.fsencode(path)) <= _LONGEST_PATH else None
