"""What codekin costs on this machine, as JSON. Each report names the machine and holds a ratio to a baseline of the same run.

python -m benchmarks engine PATH     indexing, searching and saving on a copy of a folder
python -m benchmarks scale           the same on a workspace of 100,000 chunks, with a load of 100 requests a second
python -m benchmarks vectors         one query over vectors of the bundled model
python -m benchmarks history PATH    indexing the commits of a repository, or of several below PATH, and asking for them
python -m benchmarks symbols PATH    the definitions that are found, beside those of Universal Ctags; its table goes to standard error
python -m benchmarks secrets PATH    how many planted secrets are found, what is taken for one in PATH, and what that costs
python -m benchmarks branches        switching between two branches of 1,000 files of which 20 differ
python -m benchmarks quality ...      how well it searches: see benchmarks/quality
python -m benchmarks migration       an index moved through all stores, killed and undone on the way
python -m benchmarks stores          what each vector store takes to fill, search, change and open; its table goes to standard error
python -m benchmarks deep MODELS     what requests wait for while the deep tier fills 20,000 chunks
python -m benchmarks endurance PATH  memory, descriptors, threads and late event loops of a server over half an hour
python -m benchmarks torture         many processes, edits, kills and failures by a plan; then the same answers as a fresh index
python -m benchmarks scan            deciding which of 50,000 files belong to the index, against a plain walk and against git
python -m benchmarks start           how long an editor waits for `initialize`
python -m benchmarks fuzz            messages to the language server that no client should send
"""

from __future__ import annotations

import argparse
import asyncio
import inspect
import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

STORES = (
    *("flat", "faiss", "faiss-hnsw", "faiss-ivf", "sqlite-vec", "lancedb", "chroma"),
    *("pgvector", "pgvector-ivf", "pgvector-hnsw", "redis", "redis-hnsw"),
)
SAMPLE = Path(__file__).parent.parent / "sample_workspace"


def main() -> None:
    """Prints one JSON object."""
    if sys.argv[1:2] == ["quality"]:
        from benchmarks.quality.run import main as quality  # noqa: PLC0415

        quality(sys.argv[2:])
        return
    arguments = vars(_parser().parse_args())
    print(json.dumps(report(arguments.pop("what"), **arguments), indent=2))


def report(what: str, **arguments: Any) -> dict[str, Any]:
    """Imports only what is measured: `measure_WHAT` of the module of that name, whose parameters the options name."""
    measured = getattr(import_module(f"benchmarks.{what}"), f"measure_{what}")(**arguments)
    result: dict[str, Any] = asyncio.run(measured) if inspect.iscoroutine(measured) else measured
    return result


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    whats = parser.add_subparsers(dest="what", required=True)
    for name in ("engine", "history", "secrets", "symbols"):
        whats.add_parser(name).add_argument("folder", type=_folder)
    scale = whats.add_parser("scale")
    scale.add_argument("--chunks", type=int, default=100_000)
    scale.add_argument(
        "--keep", dest="place", type=_folder, help="a folder for workspace and index, used again by the next run"
    )
    vectors = whats.add_parser("vectors")
    vectors.add_argument("--rows", dest="most_rows", type=int, default=100_000)
    migration = whats.add_parser("migration")
    migration.add_argument("--rows", type=int, default=50_000)
    stores = whats.add_parser("stores")
    stores.add_argument("--stores", nargs="*", default=STORES)
    stores.add_argument("--sizes", nargs="*", type=int, default=(10_000, 100_000))
    stores.add_argument("--chunks", type=int, default=10_000, help="of the index that each store is put in; 0 for none")
    stores.add_argument("--joined", nargs="*", type=Path, default=(), help="reports of earlier runs")
    stores.add_argument("--plot", type=Path, help="an SVG to write")
    deep = whats.add_parser("deep")
    deep.add_argument("models", type=_folder, help="the folder `models` of a home where `codekin deep install` was run")
    deep.add_argument("--chunks", type=int, default=20_000)
    deep.add_argument("--seconds", dest="limit_s", type=float, default=3600.0, help="at most so long")
    for large in (scale, vectors, deep, migration):
        large.add_argument("--source", type=_folder, default=SAMPLE, help="the files to copy and rename words in")
    fuzz = whats.add_parser("fuzz")
    fuzz.add_argument("--messages", type=int, default=24_000)
    fuzz.add_argument("--seed", type=int, default=1)
    endurance = whats.add_parser("endurance")
    endurance.add_argument("folder", type=_folder)
    endurance.add_argument("--minutes", type=float, default=30.0)
    torture = whats.add_parser("torture")
    torture.add_argument("--minutes", type=float, default=10.0)
    torture.add_argument("--seed", type=int, default=1)
    scan = whats.add_parser("scan")
    scan.add_argument("--files", type=int, default=50_000)
    whats.add_parser("branches")
    whats.add_parser("start")
    return parser


def _folder(text: str) -> Path:
    return Path(text).resolve()


if __name__ == "__main__":
    main()
