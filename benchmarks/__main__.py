"""Measure codekin on this machine and print JSON with the machine and a ratio to a baseline.

python -m benchmarks engine PATH     indexing, searching and saving on a copy of a folder
python -m benchmarks scale           the same for 100,000 chunks, with 100 requests per second
python -m benchmarks monorepo        walk, metadata, filters and names of a million empty files
python -m benchmarks kernel PATH     indexing, opening and searching a very large folder, beside rg
python -m benchmarks vectors         one query over vectors of the bundled model
python -m benchmarks history PATH    indexing and searching the commits of repositories
python -m benchmarks symbols PATH    definitions found, beside those of Universal Ctags
python -m benchmarks secrets PATH    recall, false alarms in PATH, and time of secret detection
python -m benchmarks branches        switching between branches with 20 of 1,000 files changed
python -m benchmarks quality ...     search quality: see benchmarks/quality
python -m benchmarks landing PATH    how often a query for a defined name opens on its definition
python -m benchmarks questions DIR   files that issues and commit messages find, beside plain BM25
python -m benchmarks encoders PATH   encoders as the deep tier, alone and in the ranking
python -m benchmarks places DIR      questions about documents, configuration, versions and errors
python -m benchmarks agents DIR      files of issues in answers of 500 to 8,000 tokens, beside grep
python -m benchmarks budgets DIR     random calls of the tools for agents, none beyond its budget
python -m benchmarks packing DIR     how much of a budget is quoted, chosen by cross-validation
python -m benchmarks references DIR  uses of names in a Python project, compared with jedi
python -m benchmarks oneshot PATH    one command of an agent, alone and answered by a running server
python -m benchmarks migration       moving an index through all stores, with kills and rollbacks
python -m benchmarks stores          filling, searching, changing and opening each vector store
python -m benchmarks nearest VECTORS a million rows of an index in each store, filtered or not
python -m benchmarks flat VECTORS    the flat index with 100,000 to ten million rows
python -m benchmarks deep MODELS     latency while the deep tier fills 20,000 chunks
python -m benchmarks endurance PATH  memory, descriptors and threads of a server in half an hour
python -m benchmarks cluster         saves and searches while nodes of Elasticsearch fail in turn
python -m benchmarks torture         many processes with planned failures, against a fresh index
python -m benchmarks scan            selecting the files to index among 50,000, against git
python -m benchmarks start           how long an editor waits for `initialize`
python -m benchmarks fuzz            messages to the language server that no client should send
"""

from __future__ import annotations

import argparse
import asyncio
import inspect
import json
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

STORES = (
    *("flat", "faiss", "faiss-hnsw", "faiss-ivf", "sqlite-vec", "lancedb", "chroma"),
    *("pgvector", "pgvector-ivf", "pgvector-hnsw", "redis", "redis-hnsw", "elasticsearch", "elasticsearch-hnsw"),
)
SAMPLE = Path(__file__).parent.parent / "sample_workspace"


def main() -> None:
    """Print one JSON object.

    Where the deep model is installed, it only works in benchmarks that switch it on.
    """
    os.environ.setdefault("CODEKIN_DEEP", "off")
    if sys.argv[1:2] == ["quality"]:
        from benchmarks.quality.run import main as quality  # noqa: PLC0415

        quality(sys.argv[2:])
        return
    arguments = vars(_parser().parse_args())
    print(json.dumps(report(arguments.pop("what"), **arguments), indent=2))


def report(what: str, **arguments: Any) -> dict[str, Any]:
    """Run `measure_WHAT` of the module WHAT, which is the only one imported.

    The arguments are its parameters.
    """
    (file,) = Path(__file__).parent.rglob(f"{what}.py")
    module = ".".join(("benchmarks", *file.relative_to(Path(__file__).parent).with_suffix("").parts))
    measured = getattr(import_module(module), f"measure_{what}")(**arguments)
    result: dict[str, Any] = asyncio.run(measured) if inspect.iscoroutine(measured) else measured
    return result


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    whats = parser.add_subparsers(dest="what", required=True)
    for name in ("engine", "history", "secrets", "symbols"):
        whats.add_parser(name).add_argument("folder", type=_folder)
    kernel = whats.add_parser("kernel")
    kernel.add_argument("folder", type=_folder)
    kernel.add_argument("--keep", dest="home", type=_folder, help="a folder for the index, which the next run reuses")
    landing = whats.add_parser("landing")
    landing.add_argument("folder", type=_folder)
    landing.add_argument("--names", type=int, default=1_000)
    landing.add_argument("--seed", type=int, default=0)
    scale = whats.add_parser("scale")
    scale.add_argument("--chunks", type=int, default=100_000)
    scale.add_argument(
        "--keep", dest="place", type=_folder, help="a folder for workspace and index, which the next run reuses"
    )
    monorepo = whats.add_parser("monorepo")
    monorepo.add_argument("--files", type=int, default=1_000_000)
    monorepo.add_argument("--keep", dest="place", type=_folder, help="a folder for files and index, likewise")
    vectors = whats.add_parser("vectors")
    vectors.add_argument("--rows", dest="most_rows", type=int, default=100_000)
    migration = whats.add_parser("migration")
    migration.add_argument("--rows", type=int, default=50_000)
    _add_stores(whats)
    deep = whats.add_parser("deep")
    deep.add_argument("--chunks", type=int, default=20_000)
    deep.add_argument("--seconds", dest="limit_s", type=float, default=3600.0, help="maximum duration")
    for large in (scale, vectors, deep, migration):
        large.add_argument(
            "--source", type=_folder, default=SAMPLE, help="folder whose files are copied with exchanged words"
        )
    _add_questions(whats)
    _add_encoders(whats)
    _add_agents(whats)
    fuzz = whats.add_parser("fuzz")
    fuzz.add_argument("--messages", type=int, default=24_000)
    fuzz.add_argument("--seed", type=int, default=1)
    endurance = whats.add_parser("endurance")
    endurance.add_argument("folder", type=_folder)
    endurance.add_argument("--minutes", type=float, default=30.0)
    torture = whats.add_parser("torture")
    torture.add_argument("--minutes", type=float, default=10.0)
    torture.add_argument("--seed", type=int, default=1)
    cluster = whats.add_parser("cluster")
    cluster.add_argument("--minutes", type=float, default=10.0)
    cluster.add_argument("--seed", type=int, default=1)
    scan = whats.add_parser("scan")
    scan.add_argument("--files", type=int, default=50_000)
    whats.add_parser("branches")
    whats.add_parser("start")
    return parser


def _add_stores(whats: Any) -> None:
    """Add the measurements of vector stores."""
    stores = whats.add_parser("stores")
    stores.add_argument("--stores", nargs="*", default=STORES)
    stores.add_argument("--sizes", nargs="*", type=int, default=(10_000, 100_000))
    stores.add_argument(
        "--chunks", type=int, default=10_000, help="size of the index that each store is used in; 0 for none"
    )
    stores.add_argument("--joined", nargs="*", type=Path, default=(), help="reports of earlier runs")
    stores.add_argument("--plot", type=Path, help="an SVG to write")
    nearest = whats.add_parser("nearest")
    nearest.add_argument("folder", type=_folder, help="the folder `vectors/flat-codekin-static-3` of a large index")
    nearest.add_argument("--rows", type=int, default=1_000_000)
    nearest.add_argument("--stores", nargs="*", default=("flat", "elasticsearch-hnsw", "pgvector-ivf", "redis-hnsw"))
    nearest.add_argument("--queries", type=int, default=200, help="number of queries, 200 at most")
    nearest.add_argument("--rounds", type=int, default=3)
    nearest.add_argument("--fill-limit", dest="limit_s", type=float, default=3600.0, help="seconds to fill each store")
    nearest.add_argument("--keep", type=_folder, help="a folder for what is filled, which the next run searches again")
    flat = whats.add_parser("flat")
    flat.add_argument("folder", type=_folder, help="as for `nearest`")
    flat.add_argument("--sizes", nargs="*", type=int, default=(100_000, 1_000_000, 10_000_000))
    flat.add_argument("--keep", type=_folder, help="a folder for the indexes, which the next run searches again")


def _add_questions(whats: Any) -> None:
    """Add the measurements on questions that people wrote."""
    places = whats.add_parser("places")
    places.add_argument("folder", type=_folder, help="the folder of `questions`")
    places.add_argument("--keep", type=_folder, help="as for `questions`")
    questions, agents, packing = (whats.add_parser(name) for name in ("questions", "agents", "packing"))
    for parser in (questions, agents, packing):
        parser.add_argument("folder", type=_folder, help="the folder with issues.jsonl, commits.jsonl and archives")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--keep", type=_folder, help="a folder for trees and indexes, which the next run reuses")
        parser.add_argument("--only", nargs="*", default=(), help="only these repositories")
    questions.add_argument("--issues", type=int, default=70, help="number of issues in the sample")
    questions.add_argument("--commits", type=int, default=200, help="number of commit messages in the sample")
    agents.add_argument("--issues", type=int, default=45, help="number of issues in the sample")
    packing.add_argument("--issues", type=int, default=140, help="number of issues in the sample")
    agents.add_argument("--peer", type=Path, help="a Python in which semble is installed, to compare with")
    agents.add_argument("--plot", type=Path, help="an SVG to write")
    agents.add_argument("--all", dest="every", action="store_true", help="ask all issues")
    agents.add_argument("--alone", action="store_true", help="ask codekin only, not grep and BM25")


def _add_encoders(whats: Any) -> None:
    encoders = whats.add_parser("encoders")
    encoders.add_argument("folder", type=_folder, help="the folder with the unpacked repositories")
    encoders.add_argument(
        "--queries", type=Path, action="append", required=True, help="queries.jsonl, repos.json beside the first"
    )
    encoders.add_argument("--questions", type=_folder, required=True, help="the folder of `questions`")
    encoders.add_argument("--functions", type=_folder, required=True, help="pairs-valid.jsonl.xz")
    encoders.add_argument(
        "--model", dest="models", action="append", required=True, help="deep, onnx:FOLDER ... (repeatable)"
    )
    encoders.add_argument("--keep", type=_folder, help="a folder for trees and indexes, which the next run reuses")
    encoders.add_argument("--issues", type=int, default=280, help="number of issues in the sample")
    encoders.add_argument("--commits", type=int, default=169, help="number of commit messages in the sample")
    encoders.add_argument("--only", nargs="*", default=(), help="short questions of these repositories only")


def _add_agents(whats: Any) -> None:
    oneshot = whats.add_parser("oneshot")
    oneshot.add_argument("folder", type=_folder)
    oneshot.add_argument("--question", default="where is a failed request retried?")
    oneshot.add_argument("--name", default="main", help="a name that the folder defines")
    oneshot.add_argument("--runs", type=int, default=11)
    oneshot.add_argument("--keep", type=_folder, help="a folder for the index, which the next run reuses")
    budgets = whats.add_parser("budgets")
    budgets.add_argument("folder", type=_folder, help="a folder of repositories")
    budgets.add_argument("--queries", type=int, default=1_000)
    budgets.add_argument("--seed", type=int, default=0)
    references = whats.add_parser("references")
    references.add_argument("folder", type=_folder)
    references.add_argument("--peer", type=Path, required=True, help="a Python in which jedi is installed")
    references.add_argument("--names", type=int, default=60, help="number of definitions in the sample")


def _folder(text: str) -> Path:
    return Path(text).resolve()


if __name__ == "__main__":
    main()
