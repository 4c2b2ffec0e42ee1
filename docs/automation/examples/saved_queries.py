"""Run queries saved as JSON, one per line: `python saved_queries.py FOLDER < queries.jsonl`."""

import json
import sys

from codekin.api import Query, Workspace


def main(folder: str) -> None:
    """Print the answers as JSON, one per line."""
    queries = [Query.from_json(line) for line in sys.stdin if line.strip()]
    with Workspace.open(folder) as workspace:
        workspace.index()
        for query in queries:
            print(json.dumps(workspace.run(query)))


if __name__ == "__main__":
    main(*sys.argv[1:])
