"""The servers that stores need, from the environment or started as the tests do."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

VARIABLES = {
    "elasticsearch": "CODEKIN_ELASTICSEARCH_URL",
    "pgvector": "CODEKIN_POSTGRES_URL",
    "redis": "CODEKIN_REDIS_URL",
}
_TESTS = Path(__file__).parents[2] / "tests"


@contextmanager
def started(*stores: str) -> Iterator[None]:
    """Provide a server for each store until the block ends, its address in the environment."""
    sys.path.insert(0, str(_TESTS))
    from support import servers  # type: ignore[import-not-found]  # noqa: PLC0415 - needs pytest and the wheels that carry the servers
    from support.elasticsearch import home  # type: ignore[import-not-found]  # noqa: PLC0415 - likewise

    starters = {
        "elasticsearch": lambda: servers.elasticsearch(java=home.FAST),
        "pgvector": servers.postgres,
        "redis": servers.redis,
    }
    with ExitStack() as stack:
        for store in stores:
            if not os.environ.get(VARIABLES[store]):
                _, os.environ[VARIABLES[store]] = stack.enter_context(starters[store]())
                stack.callback(os.environ.pop, VARIABLES[store])
        yield


def index_mb() -> float:
    """Return the size of all our indexes in Elasticsearch, with the logs of what was written."""
    from elasticsearch import Elasticsearch  # noqa: PLC0415 - an extra

    with Elasticsearch(os.environ[VARIABLES["elasticsearch"]]) as client:
        total = client.indices.stats(index="codekin*", metric=["store", "translog"])["_all"]["total"]
    return round((total["store"]["size_in_bytes"] + total["translog"]["size_in_bytes"]) / 1e6, 1)
