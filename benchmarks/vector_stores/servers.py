"""The servers that stores need, from the environment or started as the tests do."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

VARIABLES = {"pgvector": "CODEKIN_POSTGRES_URL", "redis": "CODEKIN_REDIS_URL"}
_TESTS = Path(__file__).parents[2] / "tests"


@contextmanager
def started(*stores: str) -> Iterator[None]:
    """Provide a server for each store until the block ends, its address in the environment."""
    sys.path.insert(0, str(_TESTS))
    from support import servers  # type: ignore[import-not-found]  # noqa: PLC0415 - needs pytest and the wheels that carry the servers

    starters = {"pgvector": servers.postgres, "redis": servers.redis}
    with ExitStack() as stack:
        for store in stores:
            if not os.environ.get(VARIABLES[store]):
                _, os.environ[VARIABLES[store]] = stack.enter_context(starters[store]())
                stack.callback(os.environ.pop, VARIABLES[store])
        yield
