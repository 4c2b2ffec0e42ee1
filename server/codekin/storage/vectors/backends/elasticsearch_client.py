"""A cluster of Elasticsearch nodes behind one or several addresses, and what its refusals mean.

No node is discovered: behind a proxy, nodes have other addresses than those that they publish.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from codekin.errors import IndexUnavailableError, StoreAwayError
from codekin.storage.vectors.optional_imports import load
from codekin.storage.vectors.remote.server_address import redacted_message, without_secrets

EXTRA = "elasticsearch"
API_KEY = "CODEKIN_ELASTICSEARCH_API_KEY"
ANSWER_S = 15
"""Timeout for an answer; a node that freezes in the middle of one delays a search by this long.

Retrying at once would multiply the delay.
"""
PATIENCE_S = 5.0
"""How long a request is repeated while shards start or the server is busy."""
_IDLE_S = 1.0
"""A node that has not answered for this long is checked before it gets a request."""
_CHECK_S, _CHECK_ONE_S = 1.0, 3.0
"""Time limits for that answer, with several addresses and with one."""
_MIN_PAUSE_S, _MAX_PAUSE_S = 0.05, 1.0
_OLDEST = (8, 12)
_STARTING = 503
_BUSY = 429
_SUCCESSES = range(200, 300)
_SMILE = "application/vnd.elasticsearch+smile"
T = TypeVar("T")


class Cluster:
    """The client of one cluster; any thread may call."""

    def __init__(self, urls: Sequence[str]) -> None:
        """Connect to nothing yet. Raises StoreMissingError, or an error of the library."""
        library = load("elasticsearch", EXTRA)
        self.place = ",".join(map(without_secrets, urls))
        self.failures: tuple[type[Exception], ...] = (
            library.ApiError,
            library.TransportError,
            # Raised for odd answers, and for a connection that another thread closes.
            ValueError,
            OSError,
        )
        self.version = (0, 0, 0)
        self._urls = tuple(urls)
        key = os.environ.get(API_KEY)
        self._authorization = {"authorization": f"ApiKey {key}"} if key else {}
        self.client = self._connected(urls)

    def close(self) -> None:
        """Close all connections."""
        self.client.close()

    def check(self) -> None:
        """Verify product, version, and that all nodes that answer form one cluster.

        Raises StoreAwayError if no node answers, IndexUnavailableError if these nodes cannot be
        used, or an error of the library.
        """
        clusters: dict[str, str] = {}
        failure: Exception | None = None
        for url in self._urls:
            node = self._connected([url])
            try:
                self.version = self._version(node, url)
                identity = str(node.cluster.state(metric="version", master_timeout=f"{PATIENCE_S:g}s")["cluster_uuid"])
                clusters.setdefault(identity, without_secrets(url))
            except self.failures as error:
                failure = error
            finally:
                node.close()
        if failure and not clusters:
            raise failure
        if len(clusters) > 1:
            raise IndexUnavailableError(
                f"{' and '.join(clusters.values())} are nodes of different clusters. "
                "To fix: name only addresses of one cluster."
            )

    def ask(self, operation: Callable[[], T]) -> T:
        """Return the result of a request; repeat it for some seconds while the server is not ready.

        Raises StoreAwayError with the reason afterwards, or an error of the library.
        """
        ends, pause_s = time.monotonic() + PATIENCE_S, _MIN_PAUSE_S
        while True:
            try:
                return operation()
            except load("elasticsearch", EXTRA).ApiError as error:
                if not may_pass(error.meta.status, kind_of(error)) or time.monotonic() + pause_s > ends:
                    raise StoreAwayError(self.explained(error)) from error
                time.sleep(pause_s)
                pause_s = min(2 * pause_s, _MAX_PAUSE_S)

    def wait_for_shards(self, index: str) -> None:
        """Wait some seconds until all rows can be searched. Raises StoreAwayError otherwise."""
        health = self.client.options(ignore_status=408).cluster.health
        state = health(index=index, wait_for_status="yellow", timeout=f"{PATIENCE_S:g}s")
        if state["timed_out"]:
            raise StoreAwayError(
                f"{_meaning(_STARTING, '')} at {self.place}: the cluster {state['cluster_name']} is "
                f"{state['status']}. {_fix(_STARTING, '')}"
            )

    def post(self, path: str, body: bytes | dict[str, Any], **parameters: object) -> Any:
        """Return the answer to a request that the library has no method for; bytes are SMILE."""
        # The library adds the version of the protocol to "application/json" only.
        smile = f"{_SMILE}; compatible-with={self.version[0]}"
        kind = smile if isinstance(body, bytes) else "application/json"
        headers = {"accept": "application/json", "content-type": kind}
        return self.client.perform_request("POST", path, params=parameters, headers=headers, body=body).body

    def get(self, path: str) -> Any:
        """Return the answer to a request for a path that the library calls a preview."""
        return self.client.perform_request("GET", path, headers={"accept": "application/json"}).body

    def explained(self, error: Any) -> str:
        """Return a sentence about an answer that is an error, with what to do."""
        status, kind = error.meta.status, kind_of(error)
        said = redacted_message(RuntimeError(_reason_of(error) or str(error)), *self._urls)
        return f"{_meaning(status, kind)} at {self.place} (status {status}, {kind or 'no type'}: {said}). {_fix(status, kind)}"

    def health(self, index: str) -> str:
        """Return cluster, colour, nodes, shards and replicas, in words."""
        state = self.client.cluster.health(index=index)
        settings = self.client.indices.get_settings(index=index, flat_settings=True, name="index.number_of_*")
        ((_, found),) = settings.body.items()
        shards, replicas = (int(found["settings"][f"index.number_of_{what}"]) for what in ("shards", "replicas"))
        nodes = list(self.client.transport.node_pool.all())
        answering = sum(node.answers for node in nodes)
        missing = int(state["unassigned_shards"]) + int(state["initializing_shards"])
        parts = [
            f"cluster {state['cluster_name']} is {state['status']}",
            f"{answering} of {counted(len(nodes), 'address', 'addresses')} answering",
            counted(int(state["number_of_data_nodes"]), "data node"),
            f"{counted(shards, 'shard')} with {counted(replicas, 'replica')} each",
        ]
        return ", ".join([*parts, *([f"{counted(missing, 'copy', 'copies')} not available"] if missing else [])])

    def _connected(self, urls: Sequence[str]) -> Any:
        return load("elasticsearch", EXTRA).Elasticsearch(
            list(urls),
            api_key=os.environ.get(API_KEY) or None,
            request_timeout=ANSWER_S,
            retry_on_timeout=False,
            # `ask` repeats the others after a pause.
            retry_on_status=(502,),
            max_retries=max(3, len(urls)),
            node_class=_node_class(_CHECK_S if len(self._urls) > 1 else _CHECK_ONE_S),
            serializers={_SMILE: load("elastic_transport", EXTRA).TextSerializer()},
        )

    def _version(self, node: Any, url: str) -> tuple[int, int, int]:
        """Return the version of a node. Raises IndexUnavailableError if it cannot be used."""
        # Without the header with which a client requires its own version of the protocol.
        meta, body = node.transport.perform_request(
            "GET", "/", headers={"accept": "application/json", **self._authorization}
        )
        if meta.status != 200:  # noqa: PLR2004 - OK
            raise _as_api_error(meta, body)
        described = body.get("version", {}) if isinstance(body, dict) else {}
        if meta.headers.get("x-elastic-product") != "Elasticsearch":
            product = str(described.get("distribution", "another server")).replace("opensearch", "OpenSearch")
            raise IndexUnavailableError(
                f"{without_secrets(url)} is {product}, not Elasticsearch, and its client library refuses it. "
                "To fix: use Elasticsearch, or the vector store pgvector or redis."
            )
        number = str(described.get("number", ""))
        version = tuple(int(part) for part in number.partition("-")[0].split(".")[:3])
        mine = load("elasticsearch", EXTRA).__version__
        if version < _OLDEST:
            raise IndexUnavailableError(
                f"{without_secrets(url)} runs Elasticsearch {number}. To fix: upgrade it to {'.'.join(map(str, _OLDEST))} or newer."
            )
        if version[0] != mine[0]:
            raise IndexUnavailableError(
                f"{without_secrets(url)} runs Elasticsearch {number}, and the installed client library is version "
                f"{'.'.join(map(str, mine))}. To fix: run `pip install 'elasticsearch>={version[0]}.0,<{version[0] + 1}'`."
            )
        return version[0], version[1], version[2]


def kind_of(error: Any) -> str:
    """Return the type that the server gives an error, or ""."""
    cause = _cause_of(error)
    return str(cause.get("type", ""))


def may_pass(status: int, kind: str) -> bool:
    """Return whether a refusal may pass within seconds: shards start, queues or memory are full."""
    return status in (_STARTING, _BUSY) and kind != "cluster_block_exception"


def counted(count: int, one: str, many: str = "") -> str:
    """Return a count with its noun."""
    return f"{count} {one if count == 1 else many or f'{one}s'}"


def _meaning(status: int, kind: str) -> str:
    if kind == "cluster_block_exception":
        return "The index is blocked"
    if kind == "circuit_breaking_exception":
        return "The server lacks memory for this request"
    meanings = {
        401: "The server did not accept the credentials",
        403: "The server does not allow this",
        413: "The server refuses requests of this size",
        _BUSY: "The server is too busy",
        _STARTING: "The shards of the index are not available",
    }
    return meanings.get(status, "The server refused a request")


def _fix(status: int, kind: str) -> str:
    if kind == "cluster_block_exception":
        return (
            "To fix: free disk space on the server, which then lifts the block itself; otherwise remove index.blocks.*."
        )
    if kind == "circuit_breaking_exception":
        return "To fix: give the server a larger heap (-Xmx), or use more nodes."
    fixes = {
        401: f"To fix: check the user and password in the address, or {API_KEY}.",
        403: "To fix: grant the privileges that docs/stores/elasticsearch.md lists.",
        413: "To fix: raise http.max_content_length on the server, or the limit of the proxy before it.",
        _BUSY: "To fix: wait, or use more nodes.",
        _STARTING: "To fix: wait until the server has started, or start the nodes that hold these shards.",
    }
    return fixes.get(status, "To fix: see the log of the server.")


def _cause_of(error: Any) -> dict[str, Any]:
    """Return the object that describes an error; of several, the cause of the first shard."""
    body = getattr(error, "body", None)
    cause = body.get("error") if isinstance(body, dict) else None
    if not isinstance(cause, dict):
        return {}
    roots = cause.get("root_cause") or []
    return roots[0] if roots and isinstance(roots[0], dict) else cause


def _reason_of(error: Any) -> str:
    return str(_cause_of(error).get("reason") or "")


def _as_api_error(meta: Any, body: Any) -> Exception:
    raised: Exception = load("elasticsearch", EXTRA).ApiError(message=str(body)[:200], meta=meta, body=body)
    return raised


def _node_class(check_s: float) -> type:
    """Return the class with which the client connects to a node.

    Before a request that follows a pause or a failure, the node is asked whether it is there, so
    that a frozen or unreachable one is passed over within `check_s`.

    If a connection breaks within the header of an answer, the library returns a success without a
    body; here it is an error. Elasticsearch gives every success a body, except for HEAD.
    """
    transport = load("elastic_transport", EXTRA)

    class CheckedNode(transport.Urllib3HttpNode):  # type: ignore[misc, name-defined]
        answers = True
        _answered_s = float("-inf")

        def perform_request(self, method: str, target: str, *rest: Any, **named: Any) -> Any:
            try:
                if time.monotonic() - self._answered_s > _IDLE_S:
                    self._check()
                answer = super().perform_request(method, target, *rest, **named)
                if method != "HEAD" and not answer.body and answer.meta.status in _SUCCESSES:
                    broken = ConnectionAbortedError("the connection was lost within an answer")
                    raise transport.ConnectionError(str(broken), errors=(broken,))
            except transport.TransportError:
                self.answers, self._answered_s = False, float("-inf")
                raise
            self.answers, self._answered_s = True, time.monotonic()
            return answer

        def _check(self) -> None:
            """Raise ConnectionError if the node does not answer at all."""
            try:
                super().perform_request("HEAD", "/", request_timeout=check_s)
            except transport.ConnectionTimeout as error:
                silent = f"the node does not answer within {check_s:g} s"
                raise transport.ConnectionError(silent, errors=(error,)) from error

    return CheckedNode
