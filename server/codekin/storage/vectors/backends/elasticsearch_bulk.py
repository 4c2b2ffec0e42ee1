"""Writing documents in bulk: encoded as SMILE, several requests in flight, only what failed again.

SMILE is the binary form of JSON that the server accepts. A float32 takes 6 bytes in it, is exact
and needs no parsing of decimals, which made filling three times as fast as JSON.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import numpy as np
import numpy.typing as npt

from codekin.domain.ports import Keys, Vectors
from codekin.errors import StoreAwayError
from codekin.storage.vectors.backends.elasticsearch_client import EXTRA, PATIENCE_S, Cluster, kind_of, may_pass
from codekin.storage.vectors.optional_imports import load

_IN_FLIGHT = 3
_ROWS_PER_BULK = 500
_BYTES_PER_BULK = 8_000_000
_PAUSE_S = 0.2
_PATIENCE_S = 15.0
"""How long rows are sent again; electing another master and promoting a replica takes seconds."""
_ANSWER = "errors,items.*.status,items.*.error.type,items.*.error.reason"
_TOO_LARGE = 413
_WHOLE = {_TOO_LARGE, 429}
"""Statuses of a whole request that a smaller one may not get: its size, and memory."""

_HEADER = b":)\n\x00"
_END = b"\xff"
_OBJECT, _CLOSE_OBJECT, _ARRAY, _CLOSE_ARRAY = b"\xfa", b"\xfb", b"\xf8", b"\xf9"
_INT32, _INT64, _FLOAT32 = b"\x24", b"\x25", 0x28
_MAX_INT32 = 2**31 - 1
_BYTES_PER_FLOAT = 6

Operation = bytes


def index_operations(keys: Keys, rows: Vectors) -> list[Operation]:
    """Return what adds or replaces rows; keys are not negative."""
    start, field = _HEADER + _OBJECT + _name("key"), _name("row") + _ARRAY
    close = _CLOSE_ARRAY + _CLOSE_OBJECT + _END
    return [
        _action("index", key) + start + _long(key) + field + row.tobytes() + close
        for key, row in zip(keys.tolist(), _floats(rows), strict=True)
    ]


def delete_operations(keys: Keys) -> list[Operation]:
    """Return what removes rows."""
    return [_action("delete", key) for key in keys.tolist()]


class BulkWriter:
    """Sends operations to one alias; each ends on the server's disk before `send` returns."""

    def __init__(self, cluster: Cluster, alias: str) -> None:
        self._cluster = cluster
        self._path = f"/{alias}/_bulk"
        self._threads = ThreadPoolExecutor(_IN_FLIGHT, thread_name_prefix="codekin-bulk")

    def send(self, operations: Sequence[Operation]) -> None:
        """Send all; the order is not kept. Raises StoreAwayError, or an error of the library."""
        largest = max(map(len, operations), default=1)
        count = max(1, min(_ROWS_PER_BULK, _BYTES_PER_BULK // largest))
        parts = [operations[start : start + count] for start in range(0, len(operations), count)]
        ends = time.monotonic() + _PATIENCE_S
        if len(parts) == 1:
            self._explained(parts[0], ends)
            return
        sending = [self._threads.submit(self._explained, part, ends) for part in parts]
        wait(sending)  # A part that arrived after a failure could restore rows that are deleted next.
        for sent in sending:
            sent.result()

    def close(self) -> None:
        """Stop the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _explained(self, operations: Sequence[Operation], ends: float) -> None:
        """Send operations; a refusal says what it means and what to do."""
        try:
            self._send_part(operations, ends)
        except load("elasticsearch", EXTRA).ApiError as error:
            raise StoreAwayError(self._cluster.explained(error)) from error

    def _send_part(self, operations: Sequence[Operation], ends: float) -> None:
        """Send operations until the server took all; smaller requests if it refuses a whole one."""
        waiting = list(operations)
        while waiting:
            try:
                waiting = self._refused(waiting)
            except load("elasticsearch", EXTRA).ApiError as error:
                alone = len(waiting) == 1
                if not may_pass(error.meta.status, kind_of(error)) and (alone or error.meta.status != _TOO_LARGE):
                    raise
                if error.meta.status in _WHOLE and not alone:
                    half = len(waiting) // 2
                    self._send_part(waiting[half:], ends)
                    waiting = waiting[:half]
                elif time.monotonic() > ends:
                    raise
                else:
                    time.sleep(_PAUSE_S)
                continue
            if waiting:
                self._pause(ends)

    def _pause(self, ends: float) -> None:
        """Wait before operations are sent again. Raises StoreAwayError after `ends`."""
        if time.monotonic() > ends:
            raise StoreAwayError(
                f"{self._cluster.place} was too busy, or its shards were not available, for {_PATIENCE_S:g} s. "
                "To fix: wait, or check the health of the cluster."
            )
        time.sleep(_PAUSE_S)

    def _refused(self, operations: list[Operation]) -> list[Operation]:
        """Send one request; return the operations that may succeed later.

        Raises StoreAwayError for one that will not, ApiError if the whole request is refused.
        """
        answer = self._cluster.post(
            self._path,
            b"".join(operations),
            require_alias="true",
            timeout=f"{PATIENCE_S:g}s",
            filter_path=_ANSWER,
        )
        if not answer.get("errors"):
            return []
        refused = []
        for operation, item in zip(operations, answer["items"], strict=True):
            (result,) = item.values()
            status, error = int(result["status"]), result.get("error") or {}
            if not error:  # Deleting what does not exist has a status, but no error.
                continue
            if not may_pass(status, str(error.get("type"))):
                raise _item_error(self._cluster, status, error)
            refused.append(operation)
        return refused


def _item_error(cluster: Cluster, status: int, error: dict[str, Any]) -> StoreAwayError:
    transport = load("elastic_transport", EXTRA)
    meta = transport.ApiResponseMeta(
        status=status, http_version="1.1", headers=transport.HttpHeaders(), duration=0.0, node=None
    )
    whole = load("elasticsearch", EXTRA).ApiError(message=str(error.get("type")), meta=meta, body={"error": error})
    return StoreAwayError(cluster.explained(whole))


def _action(action: str, key: int) -> bytes:
    number = str(key).encode("ascii")
    # A short ASCII string: its token has its length, less one.
    identity = _name("_id") + bytes([0x40 + len(number) - 1]) + number
    return _HEADER + _OBJECT + _name(action) + _OBJECT + identity + _CLOSE_OBJECT + _CLOSE_OBJECT + _END


def _name(name: str) -> bytes:
    """Return a field name: its token has its length, less one."""
    return bytes([0x80 + len(name) - 1]) + name.encode("ascii")


def _long(value: int) -> bytes:
    """Return a number: zigzag, 7 bits a byte, 6 in the last one, which has the highest bit.

    Readers expect at least 5 bytes after the token of 64-bit integers.
    """
    rest = value << 1
    encoded = [0x80 | (rest & 0x3F)]
    rest >>= 6
    while rest:
        encoded.append(rest & 0x7F)
        rest >>= 7
    return (_INT32 if value <= _MAX_INT32 else _INT64) + bytes(reversed(encoded))


def _floats(rows: Vectors) -> npt.NDArray[np.uint8]:
    """Return each row as the items of an array: a token, and the bits of a float32 7 by 7."""
    bits = np.ascontiguousarray(rows).view(np.uint32)
    encoded = np.empty((*bits.shape, _BYTES_PER_FLOAT), np.uint8)
    encoded[..., 0] = _FLOAT32
    for place in range(1, _BYTES_PER_FLOAT):
        encoded[..., place] = (bits >> np.uint32(7 * (_BYTES_PER_FLOAT - 1 - place))) & np.uint32(0x7F)
    return encoded.reshape(len(rows), -1)
