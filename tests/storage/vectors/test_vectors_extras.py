"""Libraries that are not there, that cannot be used, and the ways to SQLite."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from codekin.errors import IndexUnavailableError
from codekin.storage.vectors.backends.sqlite_vec import BINDINGS, SqliteVecTable, connect
from codekin.storage.vectors.optional_imports import require_works, why_unusable
from codekin.storage.vectors.table_store import TableStore

MODULES = {
    "chroma": "chromadb",
    "elasticsearch": "elasticsearch",
    "faiss": "faiss",
    "lancedb": "lancedb",
    "pgvector": "psycopg",
    "redis": "redis",
    "sqlite-vec": "sqlite_vec",
}
OPEN_WITHOUT = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    sys.modules[sys.argv[2]] = None
    from codekin.errors import IndexUnavailableError
    from codekin.storage.vectors.registry import open_vectors
    try:
        open_vectors(sys.argv[1], Path(sys.argv[3]), dim=16, embedder="t", writable=True)
    except IndexUnavailableError as error:
        print(error)
    """
)


@pytest.mark.parametrize("name", MODULES)
def test_a_missing_library_is_named_with_its_remedy(name, tmp_path):
    command = [sys.executable, "-c", OPEN_WITHOUT, name, MODULES[name], str(tmp_path)]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    assert f"pip install 'codekin[{name}]'" in said
    assert MODULES[name] in said


def test_what_kills_its_process_only_costs_a_reason(tmp_path):
    code = "import os, signal; os.kill(os.getpid(), signal.SIGILL)"
    assert "SIGILL" in why_unusable(tmp_path, "numpy", code)
    with pytest.raises(IndexUnavailableError, match="lacks an instruction"):
        require_works(tmp_path, "numpy", code, "numpy")
    assert "No module named 'nowhere'" in why_unusable(tmp_path, "numpy", "import nowhere")


def test_what_works_is_not_tried_again(tmp_path):
    code = f"open({str(tmp_path / 'tried')!r}, 'x')"
    assert not why_unusable(tmp_path, "numpy", code)
    assert not why_unusable(tmp_path, "numpy", code)
    assert (tmp_path / "numpy.works").read_text().startswith(f"numpy {np.__version__}")


@pytest.mark.parametrize("binding", BINDINGS)
def test_every_way_to_sqlite_gives_the_same_answers(binding, tmp_path):
    if importlib.util.find_spec(binding) is None:
        if os.environ.get("CI") and sys.platform == "linux":
            pytest.fail(f"{binding} is not installed")
        pytest.skip(f"{binding} is not installed")
    if binding == "sqlite3" and not hasattr(importlib.import_module("sqlite3").Connection, "load_extension"):
        with pytest.raises(AttributeError):
            connect(":memory:", binding)
        return
    rows = np.eye(16, dtype=np.float32)[:8]
    for _ in range(2):
        store = TableStore(SqliteVecTable(tmp_path / "v", 16, "t", binding, ""), dim=16, writable=True)
        store.add(np.arange(2**40, 2**40 + 8), rows)
        assert store.search(rows[3], 2).keys.tolist() == [2**40 + 3, 2**40]
        store.compact()
        store.close()
    with pytest.raises(IndexUnavailableError, match="contains vectors of t"):
        SqliteVecTable(tmp_path / "v", 16, "u", binding, "")
