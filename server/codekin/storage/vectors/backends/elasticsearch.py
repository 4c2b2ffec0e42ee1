"""Vectors in Elasticsearch: one document per row, searched by kNN over a `dense_vector`.

The server returns the numbers of a row as the shortest decimals that identify a float32, so rows
are read exactly as they were written.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np

from codekin.domain.ports import Keys, Vectors
from codekin.errors import IndexUnavailableError, StoreAwayError
from codekin.storage.vectors.backends.elasticsearch_bulk import BulkWriter, delete_operations, index_operations
from codekin.storage.vectors.backends.elasticsearch_client import API_KEY, EXTRA, PATIENCE_S, Cluster
from codekin.storage.vectors.backends.elasticsearch_index import GENERATIONS, open_index, rows_alias
from codekin.storage.vectors.optional_imports import load
from codekin.storage.vectors.remote.server_address import collection_of, redacted_message, server_urls
from codekin.storage.vectors.table_store import TableStore, product

URL = "CODEKIN_ELASTICSEARCH_URL"
_MAX_NEIGHBOURS = 10_000
"""Elasticsearch's own limit for `k` and `num_candidates`; beyond it all rows are fetched."""
_MIN_CANDIDATES = 400
"""Rows of each shard that a graph search compares, at least."""
_MIN_RESCORED, _OVERSAMPLED = 200, 2
"""Rows whose exact products are computed after a search among 8-bit integers.

At least the first number, and this many times k. On code, 8-bit integers confuse near rows:
rescoring 36 finds 0.979 of the ten nearest, and 180 finds 0.996 (`docs/stores/elasticsearch.md`).
"""
_ROWS_PER_PAGE = 10_000
_ROWS_PER_FETCH = 1_000
_KEEP_ALIVE = "1m"
_COMPACTING_S, _COMPACTING_POLL_S = 3_600, 0.2
_VECTORS_IN_SOURCE = (9, 2, 0)
Kind = Literal["flat", "hnsw"]


def open_store(directory: Path, *, dim: int, embedder: str, writable: bool, kind: Kind) -> TableStore:
    """Open the store.

    Raises SettingsError without a usable address, StoreAwayError if no server answers, and
    IndexUnavailableError if it, or the index there, cannot be used.
    """
    load("elasticsearch", EXTRA)
    urls = server_urls(
        URL, EXTRA, f"https://user:password@host:9200 (several with commas between; or an API key in {API_KEY})"
    )
    table = ElasticsearchTable(urls, collection_of(directory), dim, embedder, kind=kind, writable=writable)
    return TableStore(table, dim=dim, writable=writable)


class ElasticsearchTable:
    """`Table` over one index.

    The generation is the version of a document that every write updates. Documents become visible
    to searches by a refresh, which is done before the first read that needs it.
    """

    max_allowed = 10_000
    problems: tuple[str, ...] = ()

    def __init__(
        self, urls: tuple[str, ...], name: str, dim: int, embedder: str, *, kind: Kind, writable: bool
    ) -> None:
        self._name, self._dim, self._kind = name, dim, kind
        self._written = self._visible = 0
        self._refreshing = threading.Lock()
        self._cluster = Cluster(urls)
        self._client = self._cluster.client
        self.failures = self._cluster.failures
        self._bulk = BulkWriter(self._cluster, rows_alias(name))
        self.place = f"{self._cluster.place}, index {name}"
        try:
            self._cluster.ask(self._cluster.check)
            self._cluster.ask(lambda: open_index(self._cluster, name, dim, embedder, kind=kind, writable=writable))
            self._cluster.ask(lambda: self._cluster.wait_for_shards(name))
            self.note = f"Elasticsearch {'.'.join(map(str, self._cluster.version))}, {_SEARCHES[kind]}"
        except IndexUnavailableError:
            self.close()
            raise
        except self.failures as error:
            self.close()
            raise StoreAwayError(
                f"Could not use Elasticsearch at {self._cluster.place}: {redacted_message(error, *urls)}"
            ) from None

    def health(self) -> str:
        """Return the state of the cluster, for the status."""
        return self._cluster.ask(lambda: self._cluster.health(self._name))

    def generation(self) -> int:
        """See `Table.generation`."""
        get = self._client.options(ignore_status=404).get
        found = self._cluster.ask(lambda: get(index=GENERATIONS, id=self._name, source=False))
        return int(found.get("_version", 0))

    def keys(self) -> Keys:
        """See `Table.keys`; also those of a writer that ended before its documents were visible."""
        self._cluster.ask(lambda: self._client.indices.refresh(index=self._name))
        pages = [np.array(page, dtype=np.int64) for page in self._cluster.ask(lambda: list(self._pages()))]
        return np.concatenate(pages) if pages else np.empty(0, np.int64)

    def put(self, keys: Keys, rows: Vectors) -> int:
        """See `Table.put`; a write that a killed process left incomplete is repeated."""
        self._bulk.send(index_operations(keys, rows))
        return self._next_generation()

    def drop(self, keys: Keys) -> int:
        """See `Table.drop`."""
        self._bulk.send(delete_operations(keys))
        return self._next_generation()

    def fetch(self, keys: Keys) -> tuple[Keys, Vectors]:
        """See `Table.fetch`."""
        found: list[Any] = []
        for start in range(0, len(keys), _ROWS_PER_FETCH):
            found += self._documents(keys[start : start + _ROWS_PER_FETCH])
        rows = np.array([document["_source"]["row"] for document in found], dtype=np.float32)
        return np.array([int(document["_id"]) for document in found], np.int64), rows.reshape(-1, self._dim)

    def nearest(self, query: Vectors, k: int, allowed: Keys | None) -> tuple[Keys, Vectors]:
        """See `Table.nearest`."""
        self._make_visible()
        if k <= _MAX_NEIGHBOURS:
            return self._nearest(query, k, allowed)
        # Only a filter that passes few rows requests this many, so all rows are compared here.
        found, rows = self.fetch(self.keys() if allowed is None else allowed)
        return product(found, rows, query, k)

    def compact(self) -> None:
        """See `Table.compact`; waits until the server has merged the segments."""
        self._make_visible()
        # One graph is searched faster than several; without graphs, only deleted rows cost time.
        options = {"only_expunge_deletes": True} if self._kind == "flat" else {"max_num_segments": 1}
        merge = self._client.indices.forcemerge
        task = self._cluster.ask(lambda: merge(index=self._name, wait_for_completion=False, **options))["task"]
        ends = time.monotonic() + _COMPACTING_S
        while not self._cluster.ask(lambda: self._cluster.get(f"/_tasks/{task}"))["completed"]:
            if time.monotonic() > ends:
                raise StoreAwayError(f"The server has not finished compacting {self.place} after {_COMPACTING_S} s.")
            time.sleep(_COMPACTING_POLL_S)

    def close(self) -> None:
        """See `Table.close`."""
        self._bulk.close()
        self._cluster.close()

    def _nearest(self, query: Vectors, k: int, allowed: Keys | None) -> tuple[Keys, Vectors]:
        knn: dict[str, Any] = {"field": "row", "query_vector": query.tolist(), "k": k, "num_candidates": k}
        if self._kind == "hnsw":
            # All rows are compared if a filter passes no more than there are candidates.
            passing = 0 if allowed is None else len(allowed)
            knn["num_candidates"] = min(max(2 * k, _MIN_CANDIDATES, passing), _MAX_NEIGHBOURS)
            knn["rescore_vector"] = {"oversample": max(_OVERSAMPLED, _MIN_RESCORED / k)}
        if allowed is not None:
            knn["filter"] = {"terms": {"key": allowed.tolist()}}
        search = self._client.search
        answer = self._cluster.ask(
            lambda: search(
                index=self._name,
                knn=knn,
                size=k,
                source=False,
                docvalue_fields=["key"],
                stored_fields="_none_",
                filter_path="hits.hits.fields,hits.hits._score",
                # Otherwise the rows of a shard that does not answer would be missing silently.
                allow_partial_search_results=False,
            )
        )
        hits = answer.body.get("hits", {}).get("hits", [])
        scores = np.array([hit["_score"] for hit in hits], dtype=np.float64)
        # Inverts how `max_inner_product` maps a product to a non-negative score.
        products = np.where(scores < 1, 1 - 1 / np.maximum(scores, 1e-9), scores - 1).astype(np.float32)
        return np.array([hit["fields"]["key"][0] for hit in hits], np.int64), products

    def _documents(self, keys: Keys) -> list[Any]:
        """Return the documents that exist. Raises StoreAwayError if a shard does not answer."""
        options = {"_source_exclude_vectors": "false"} if self._cluster.version >= _VECTORS_IN_SOURCE else {}
        body = {"ids": [str(key) for key in keys.tolist()]}
        path = f"/{self._name}/_mget"
        documents = self._cluster.ask(lambda: self._cluster.post(path, body, _source_includes="row", **options))["docs"]
        for document in documents:
            if error := document.get("error"):
                raise StoreAwayError(f"Could not read rows of {self.place}: {error.get('reason') or error.get('type')}")
        return [document for document in documents if document.get("found")]

    def _next_generation(self) -> int:
        self._written += 1
        update, limit = self._client.index, f"{PATIENCE_S:g}s"
        answer = self._cluster.ask(
            lambda: update(index=GENERATIONS, id=self._name, document={"changed": True}, timeout=limit)
        )
        return int(answer["_version"])

    def _make_visible(self) -> None:
        """Refresh the index if this process wrote since it last did."""
        if self._visible == self._written:
            return
        with self._refreshing:
            written = self._written
            if self._visible < written:
                self._cluster.ask(lambda: self._client.indices.refresh(index=self._name))
                self._visible = written

    def _pages(self) -> Iterator[list[int]]:
        """Yield the keys of all documents, as they were at one moment."""
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
                    stored_fields="_none_",
                    track_total_hits=False,
                    allow_partial_search_results=False,
                )["hits"]["hits"]
                if not hits:
                    return
                yield [hit["sort"][0] for hit in hits]
                after = hits[-1]["sort"][:1]
        finally:
            self._client.close_point_in_time(id=point)


_SEARCHES: dict[Kind, str] = {"flat": "exact", "hnsw": "approximate (HNSW over 8-bit integers, best results rescored)"}
