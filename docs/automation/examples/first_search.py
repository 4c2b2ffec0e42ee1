"""Search a folder: `python first_search.py FOLDER QUESTION`."""

import sys

from codekin.api import Query, Workspace


def main(folder: str, question: str) -> None:
    """Print where the answers are."""
    query = Query().hybrid(question).filter(kinds="code").limit(3)
    with Workspace.open(folder) as workspace:
        workspace.index()
        answer = workspace.run(query)
    for result in answer["results"]:
        print(f"{result['path']}:{result['start_line']}  {result['symbol']}")


if __name__ == "__main__":
    main(*sys.argv[1:])
