"""Asks the process that has a folder open. Imports neither the engine nor numpy."""

from __future__ import annotations

import os
import socket
import stat
import sys
from pathlib import Path
from typing import Any

import msgspec

from codekin import errors
from codekin.config import Config
from codekin.domain.search import SearchResponse
from codekin.serving.messages import MOST_BYTES, AgentForm, Answer, Asked, Question, question, socket_of

_CONNECT_S, _ANSWER_S = 0.5, 10.0


def ask(config: Config, root: Path, query: str) -> SearchResponse | None:
    """Return the response to a query on a folder with a real path, or None to work alone.

    Raises the error that the search raised, which would be the same in this process.
    """
    answer = _answer(config, root, question(config, query))
    return answer.response if answer else None


def ask_for_agent(config: Config, root: Path, asked: Asked, form: AgentForm) -> dict[str, Any] | None:
    """Return the answer for a model as an `AgentAnswerShape`, or None to work alone.

    Raises what `ask` raises.
    """
    answer = _answer(config, root, question(config, asked, form))
    return answer.for_agent if answer else None


def _answer(config: Config, root: Path, asked: Question) -> Answer | None:
    if sys.platform == "win32":  # It has no sockets of files, which `socket_of` knows.
        return None
    path = socket_of(config, root)
    if path is None or not _is_own(path):
        return None
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(_CONNECT_S)
            connection.connect(os.fspath(path))
            connection.settimeout(_ANSWER_S)
            connection.sendall(msgspec.json.encode(asked) + b"\n")
            answer = msgspec.json.decode(_line(connection), type=Answer)
    except (OSError, msgspec.DecodeError):
        return None  # It has ended, is busy, or is something else.
    if answer.error:
        raise _error_of(answer)
    return answer


def _error_of(answer: Answer) -> errors.CodekinError:
    kind = getattr(errors, answer.error, None)
    if not (isinstance(kind, type) and issubclass(kind, errors.CodekinError)):
        kind = errors.CodekinError
    return kind(answer.message)


def _line(connection: socket.socket) -> bytes:
    """Return everything up to the end of the connection."""
    blocks: list[bytes] = []
    size = 0
    while block := connection.recv(1 << 16):
        blocks.append(block)
        size += len(block)
        if size > MOST_BYTES:
            raise OSError("the answer is too long")
    return b"".join(blocks)


def _is_own(path: Path) -> bool:
    """Return whether the socket and its folder belong to this user, and no other may use them."""
    if sys.platform == "win32":
        return False
    try:
        folder, status = path.parent.lstat(), path.lstat()
    except OSError:
        return False
    own = folder.st_uid == status.st_uid == os.getuid()
    return own and stat.S_ISSOCK(status.st_mode) and not (folder.st_mode & 0o077)
