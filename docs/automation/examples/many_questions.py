"""Ask several questions at once: `python many_questions.py FOLDER QUESTION...`.

The index follows changes of files meanwhile.
"""

import asyncio
import sys

from codekin.api import Query, Workspace


async def main(folder: str, *questions: str) -> None:
    """Print the best result for each question."""
    async with Workspace.open(folder, watch=True) as workspace:
        await workspace.index()
        answers = await asyncio.gather(*(workspace.run(Query().near_text(text).limit(1)) for text in questions))
    for question, answer in zip(questions, answers, strict=True):
        places = [f"{result['path']}:{result['start_line']}" for result in answer["results"]]
        print(f"{question}: {', '.join(places) or 'nothing'}")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
