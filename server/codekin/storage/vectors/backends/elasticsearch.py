"""Vectors in Elasticsearch: one document per row, searched by exact kNN over a flat `dense_vector`.

The exact bytes of a row are in a separate field: Elasticsearch returns numbers as decimal text, and
from 9.2 on does not return them at all.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from codekin.domain.ports import Keys, Vectors
from codekin.errors import IndexUnavailableError, StoreAwayError
from codekin.storage.vectors.optional_imports import load
from codekin.storage.vectors.remote.server_address import collection_of, redacted_message, server_url, without_secrets
from codekin.storage.vectors.table_store import TableStore, check_made_by

EXTRA = "elasticsearch"
URL = "CODEKIN_ELASTICSEARCH_URL"
API_KEY = "CODEKIN_ELASTICSEARCH_API_KEY"
_GENERATIONS = "codekin-generations"
_ANSWER_S = 15
"""Timeout for an answer; a frozen server delays a search by this long.

Retrying at once would multiply the delay.
"""
_MAX_NEIGHBOURS = 10_000
"""Elasticsearch's own limit for `k` and `num_candidates`; beyond it all rows are fetched."""
_ROWS_PER_PAGE = 10_000
_ROWS_PER_FETCH = 1_000
_ROWS_PER_BULK = 500
_KEEP_ALIVE = "1m"


def open_store(directory: Path, *, dim: int, embedder: str, writable: bool) -> TableStore:
    """Open the store.

    Raises SettingsError without an address, IndexUnavailableError if the server does not answer.
    """
    load("elasticsearch", EXTRA)
    url = server_url(URL, EXTRA, f"https://user:password@host:9200 (or an API key in {API_KEY})")
    return TableStore(
        ElasticsearchTable(url, collection_of(directory), dim, embedder, writable=writable), dim=dim, writable=writable
    )


class ElasticsearchTable:
    """`Table` over one index.

    The generation is the version of a document that every write updates.
    """

    max_allowed = 10_000
    problems: tuple[str, ...] = ()

    def __init__(self, url: str, name: str, dim: int, embedder: str, *, writable: bool) -> None:
        library = load("elasticsearch", EXTRA)
        self._bulk = load("elasticsearch.helpers", EXTRA).bulk
        bulk_error = load("elasticsearch.helpers", EXTRA).BulkIndexError
        self.failures: tuple[type[Exception], ...] = (
            library.ApiError,
            library.TransportError,
            bulk_error,
            ValueError,
            OSError,
        )
        self.place = f"{without_secrets(url)}, index {name}"
        self._name = name
        self._dim = dim
        try:
            self._client: Any = library.Elasticsearch(
                url,
                api_key=os.environ.get(API_KEY) or None,
                request_timeout=_ANSWER_S,
                retry_on_timeout=False,
                node_class=_node_class(),
            )
            self.note = f"Elasticsearch {self._client.info()['version']['number']}, exact"
            check_made_by(self.place, self._created(embedder), embedder, dim)
            if writable:
                # Makes documents of a writer whose connection broke visible now, not later.
                self._client.indices.refresh(index=name)
        except IndexUnavailableError:
            self.close()
            raise
        except self.failures as error:
            raise StoreAwayError(
                f"Could not use Elasticsearch at {without_secrets(url)}: {redacted_message(error, url)}"
            ) from None

    def generation(self) -> int:
        """See `Table.generation`."""
        found = self._client.options(ignore_status=404).get(index=_GENERATIONS, id=self._name, source=False)
        return int(found.get("_version", 0))

    def keys(self) -> Keys:
        """See `Table.keys`."""
        pages = [np.array([int(hit["_id"]) for hit in page], dtype=np.int64) for page in self._pages()]
        return np.concatenate(pages) if pages else np.empty(0, np.int64)

    def put(self, keys: Keys, rows: Vectors) -> int:
        """See `Table.put`; a write that a killed process left incomplete is repeated."""
        raw = rows.astype("<f4", copy=False)
        documents = (
            {
                "_op_type": "index",
                "_index": self._name,
                "_id": str(key),
                "key": key,
                "row": row.tolist(),
                "raw": base64.b64encode(row.tobytes()).decode(),
            }
            for key, row in zip(keys.tolist(), raw, strict=True)
        )
        self._bulk(self._client, documents, chunk_size=_ROWS_PER_BULK)
        return self._next_generation()

    def drop(self, keys: Keys) -> int:
        """See `Table.drop`."""
        deletions = ({"_op_type": "delete", "_index": self._name, "_id": str(key)} for key in keys.tolist())
        self._bulk(self._client, deletions, chunk_size=_ROWS_PER_BULK, ignore_status=404)
        return self._next_generation()

    def fetch(self, keys: Keys) -> tuple[Keys, Vectors]:
        """See `Table.fetch`."""
        found: list[Any] = []
        for start in range(0, len(keys), _ROWS_PER_FETCH):
            ids = [str(key) for key in keys[start : start + _ROWS_PER_FETCH].tolist()]
            answer = self._client.mget(index=self._name, ids=ids, source_includes=["raw"])
            found.extend(document for document in answer["docs"] if document.get("found"))
        raw = b"".join(base64.b64decode(document["_source"]["raw"]) for document in found)
        return _keys_of(found), np.frombuffer(raw, dtype="<f4").reshape(-1, self._dim)

    def nearest(self, query: Vectors, k: int, allowed: Keys | None) -> tuple[Keys, Vectors]:
        """See `Table.nearest`."""
        if k <= _MAX_NEIGHBOURS:
            knn: dict[str, Any] = {"field": "row", "query_vector": query.tolist(), "k": k, "num_candidates": k}
            if allowed is not None:
                knn["filter"] = _among(allowed)
            hits = self._client.search(index=self._name, knn=knn, size=k, source=False)["hits"]["hits"]
            scores = np.array([hit["_score"] for hit in hits], dtype=np.float64)
            # Inverts how `max_inner_product` maps a product to a non-negative score.
            return _keys_of(hits), np.where(scores < 1, 1 - 1 / np.maximum(scores, 1e-9), scores - 1).astype(np.float32)
        # Only a filter that passes few rows requests this many, so all rows are compared here.
        keys = self.keys() if allowed is None else allowed
        found, rows = self.fetch(keys)
        scores32 = np.vecdot(rows, query).astype(np.float32)
        best = np.argsort(-scores32)[:k]
        return found[best], scores32[best]

    def compact(self) -> None:
        """See `Table.compact`."""
        self._client.indices.forcemerge(index=self._name, only_expunge_deletes=True)

    def close(self) -> None:
        """See `Table.close`."""
        self._client.close()

    def _created(self, embedder: str) -> tuple[str, int]:
        """Create the index if it is missing; return the (embedder, dim) it was created with."""
        row = {
            "type": "dense_vector",
            "dims": self._dim,
            "index": True,
            "similarity": "max_inner_product",
            "index_options": {"type": "flat"},
        }
        mappings = {
            "dynamic": "strict",
            "_meta": {"embedder": embedder, "dim": self._dim},
            "_source": {"excludes": ["row"]},
            "properties": {"key": {"type": "long"}, "raw": {"type": "binary"}, "row": row},
        }
        if not self._client.indices.exists(index=self._name):
            self._client.options(ignore_status=400).indices.create(index=self._name, mappings=mappings)
        (index,) = self._client.indices.get_mapping(index=self._name).body.values()
        meta = index["mappings"]["_meta"]
        return str(meta["embedder"]), int(meta["dim"])

    def _next_generation(self) -> int:
        self._client.indices.refresh(index=self._name)
        return int(self._client.index(index=_GENERATIONS, id=self._name, document={"changed": True})["_version"])

    def _pages(self) -> Iterator[list[Any]]:
        """All documents without their content, as they were at one moment."""
        point = self._client.open_point_in_time(index=self._name, keep_alive=_KEEP_ALIVE)["id"]
        after = None
        try:
            while True:
                hits = self._client.search(
                    pit={"id": point, "keep_alive": _KEEP_ALIVE},
                    size=_ROWS_PER_PAGE,
                    sort=[{"key": "asc"}],
                    search_after=after,
                    source=False,
                    track_total_hits=False,
                )["hits"]["hits"]
                if not hits:
                    return
                yield hits
                after = hits[-1]["sort"]
        finally:
            self._client.close_point_in_time(id=point)


def _node_class() -> type:
    """Return the class with which the client connects to a node.

    If a connection breaks within the header of an answer, the library returns a success without a
    body; here it is an error. Elasticsearch answers everything except HEAD with a body.
    """
    transport = load("elastic_transport", EXTRA)

    class WholeAnswers(transport.Urllib3HttpNode):  # type: ignore[misc, name-defined]
        def perform_request(self, method: str, *rest: Any, **named: Any) -> Any:
            answer = super().perform_request(method, *rest, **named)
            if method != "HEAD" and not answer.body:
                broken = ConnectionAbortedError("the connection was lost within an answer")
                raise transport.ConnectionError(str(broken), errors=(broken,))
            return answer

    return WholeAnswers


def _among(allowed: Keys) -> dict[str, Any]:
    return {"terms": {"key": allowed.tolist()}}


def _keys_of(hits: list[Any]) -> Keys:
    return np.array([int(hit["_id"]) for hit in hits], dtype=np.int64)
