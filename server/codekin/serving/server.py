"""Answers the queries of a user's commands from the engine of this process."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import struct
import sys
from contextlib import suppress
from pathlib import Path

import msgspec

from codekin import __version__
from codekin.answers import agent_answer_shape
from codekin.api import Query, respond
from codekin.config import Config
from codekin.disk import make_private_folder
from codekin.engine import Engine
from codekin.errors import CodekinError
from codekin.serving.for_agents import answer_for_agent
from codekin.serving.messages import Answer, Question, settings_of, socket_of

_CHECK_S = 1.0
"""Interval in which folders that were opened, or that this process now writes, get a socket."""
_SETTLED_S = 2.0
_MOST_QUESTION_BYTES = 1_000_000
_ALONE = Answer()
_log = logging.getLogger(__name__)


class QueryServer:
    """Sockets for the folders whose index this process writes, on the engine's event loop."""

    def __init__(self, engine: Engine, config: Config) -> None:
        self._engine = engine
        self._config = config
        self._open: dict[Path, tuple[Path, asyncio.Server, int]] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to answer."""
        self._task = asyncio.create_task(self._keep_open(), name="answer commands")

    async def close(self) -> None:
        """Stop answering and remove the sockets. Idempotent."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        for root in list(self._open):
            self._end(root)

    async def _keep_open(self) -> None:
        while True:
            roots = self._engine.roots.written()
            for root in set(self._open).difference(roots):
                self._end(root)
            for root in roots:
                if root not in self._open:
                    try:
                        await self._begin(root)
                    except OSError as error:
                        _log.debug("No socket for %s: %s", root, error)
                    except Exception:  # noqa: BLE001 - the next interval tries again; commands work alone until then
                        _log.exception("No socket for %s", root)
            await asyncio.sleep(_CHECK_S)

    async def _begin(self, root: Path) -> None:
        if sys.platform == "win32":  # It has no sockets of files, which `socket_of` knows.
            return
        path = socket_of(self._config, root)
        if path is None or await asyncio.to_thread(_is_answered, path):
            return
        make_private_folder(path.parent)
        path.unlink(missing_ok=True)  # The process that made it has ended.
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            listening.bind(os.fspath(path))
            path.chmod(0o600)
            server = await asyncio.start_unix_server(
                lambda reader, writer: self._serve(root, reader, writer), sock=listening, limit=_MOST_QUESTION_BYTES
            )
        except BaseException:
            listening.close()
            raise
        self._open[root] = (path, server, path.lstat().st_ino)

    def _end(self, root: Path) -> None:
        path, server, number = self._open.pop(root)
        server.close()
        with suppress(OSError):
            if path.lstat().st_ino == number:  # otherwise another process has replaced it
                path.unlink()

    async def _serve(self, root: Path, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            answer = _ALONE
            if _is_own_user(writer.get_extra_info("socket")):
                answer = await self._answer(root, await reader.readline())
            writer.write(msgspec.json.encode(answer))
            await writer.drain()
        except (OSError, ValueError):
            _log.debug("A command ended before it was answered")
        finally:
            writer.close()

    async def _answer(self, root: Path, line: bytes) -> Answer:
        try:
            asked = msgspec.json.decode(line, type=Question)
        except msgspec.DecodeError:
            return _ALONE
        if (asked.version, asked.settings) != (__version__, settings_of(self._config)):
            return _ALONE
        try:
            if not await self._engine.roots.is_current(root, _SETTLED_S):
                return _ALONE
            return await self._respond(root, asked)
        except CodekinError as error:
            return Answer(error=type(error).__name__, message=str(error))

    async def _respond(self, root: Path, asked: Question) -> Answer:
        if asked.form:
            answer = await answer_for_agent(self._engine, root, asked.asked, asked.form)
            return Answer(for_agent=dict(agent_answer_shape(answer)))
        if isinstance(asked.asked, str):
            return Answer(await respond(self._engine, root, Query.from_json(asked.asked)))
        return _ALONE


def _is_answered(path: Path) -> bool:
    """Return whether a process listens on a socket."""
    if sys.platform == "win32":
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(_CHECK_S)
        try:
            connection.connect(os.fspath(path))
        except OSError:
            return False
        return True


def _is_own_user(connection: socket.socket) -> bool:
    """Return whether the other side is a process of this user, where the system says so."""
    if sys.platform == "win32":
        return False
    credentials = getattr(socket, "SO_PEERCRED", None)
    if credentials is None:
        return True  # The mode of the folder and of the socket allows no other user.
    size = struct.calcsize("3i")
    _, user, _ = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, credentials, size))
    return bool(user == os.getuid())
