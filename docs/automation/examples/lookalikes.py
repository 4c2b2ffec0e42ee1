"""Find code similar to the code at a line: `python lookalikes.py FOLDER FILE LINE`."""

import sys

from codekin.api import Query, Workspace


def main(folder: str, file: str, line: str) -> None:
    """Print the code that is most similar to that at the line, without tests."""
    query = (
        Query().similar_to(file, int(line)).filter(paths=["!**/tests/**", "!**/test/**", "!**/*_test.*"]).threshold(0.2)
    )
    with Workspace.open(folder) as workspace:
        workspace.index()
        answer = workspace.run(query)
    for result in answer["results"]:
        print(f"{result['score']:.2f}  {result['path']}:{result['start_line']}  {result['symbol']}")


if __name__ == "__main__":
    main(*sys.argv[1:])
