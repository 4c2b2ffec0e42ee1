"""What codekin costs on this machine, as JSON. Each report names the machine and holds a ratio to a baseline of the same run.

python -m benchmarks engine PATH     indexing, searching and saving on a copy of a folder
python -m benchmarks scale           the same on a workspace of 100,000 chunks, with a load of 100 requests a second
python -m benchmarks vectors         one query over vectors of the bundled model
python -m benchmarks history PATH    indexing the commits of a repository, or of several below PATH, and asking for them
python -m benchmarks branches        switching between two branches of 1,000 files of which 20 differ
python -m benchmarks quality ...      how well it searches: see benchmarks/quality
python -m benchmarks migration       an index moved through all stores, killed and undone on the way
python -m benchmarks deep MODELS     what requests wait for while the deep tier fills 20,000 chunks
python -m benchmarks start           how long an editor waits for `initialize`
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import Any

SAMPLE = Path(__file__).parent.parent / "sample_workspace"


def main() -> None:
    """Prints one JSON object."""
    if sys.argv[1:2] == ["quality"]:
        from benchmarks.quality.run import main as quality  # noqa: PLC0415

        quality(sys.argv[2:])
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    whats = parser.add_subparsers(dest="what", required=True)
    whats.add_parser("engine").add_argument("path", type=Path)
    scale = whats.add_parser("scale")
    scale.add_argument("--chunks", type=int, default=100_000)
    scale.add_argument("--keep", type=Path, help="a folder for workspace and index, used again by the next run")
    vectors = whats.add_parser("vectors")
    vectors.add_argument("--rows", type=int, default=100_000)
    migration = whats.add_parser("migration")
    migration.add_argument("--rows", type=int, default=50_000)
    deep = whats.add_parser("deep")
    deep.add_argument("models", type=Path, help="the folder `models` of a home where `codekin deep install` was run")
    deep.add_argument("--chunks", type=int, default=20_000)
    deep.add_argument("--seconds", type=float, default=3600.0, help="at most so long")
    for large in (scale, vectors, deep, migration):
        large.add_argument("--source", type=Path, default=SAMPLE, help="the files to copy and rename words in")
    whats.add_parser("history").add_argument("path", type=Path)
    whats.add_parser("branches")
    whats.add_parser("start")
    print(json.dumps(report(parser.parse_args()), indent=2))


def report(arguments: argparse.Namespace) -> dict[str, Any]:
    """Imports only what is measured."""
    if arguments.what == "engine":
        from benchmarks.engine import measure_engine  # noqa: PLC0415

        return asyncio.run(measure_engine(arguments.path.resolve()))
    if arguments.what in ("history", "branches"):
        return asyncio.run(_of_git(arguments))
    if arguments.what == "scale":
        from benchmarks.scale import measure_scale  # noqa: PLC0415

        return measure_scale(arguments.source.resolve(), arguments.chunks, arguments.keep)
    if arguments.what == "vectors":
        from benchmarks.vectors import measure_vectors  # noqa: PLC0415

        return measure_vectors(arguments.source.resolve(), arguments.rows)
    if arguments.what == "migration":
        from benchmarks.migration import measure_migration  # noqa: PLC0415

        return measure_migration(arguments.source.resolve(), arguments.rows)
    if arguments.what == "deep":
        from benchmarks.deep import measure_deep  # noqa: PLC0415

        source, models = arguments.source.resolve(), arguments.models.resolve()
        return asyncio.run(measure_deep(source, arguments.chunks, models, arguments.seconds))
    from benchmarks.start import measure_start  # noqa: PLC0415

    return measure_start()


async def _of_git(arguments: argparse.Namespace) -> dict[str, Any]:
    if arguments.what == "branches":
        from benchmarks.branches import measure_branches  # noqa: PLC0415

        return await measure_branches()
    from benchmarks.history import measure_history  # noqa: PLC0415

    return await measure_history(arguments.path.resolve())


if __name__ == "__main__":
    main()
