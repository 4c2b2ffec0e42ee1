"""Ask several questions at once, and follow the files meanwhile.

python many_questions.py FOLDER QUESTION...
"""

import asyncio
import sys

from codekin.api import Query, Workspace


async def main(folder: str, *questions: str) -> None:
    """Print the best place for each question."""
    async with Workspace.open(folder, watch=True) as workspace:
        await workspace.index()
        answers = await asyncio.gather(*(workspace.run(Query().near_text(text).limit(1)) for text in questions))
    for question, answer in zip(questions, answers, strict=True):
        places = [f"{result['path']}:{result['start_line']}" for result in answer["results"]]
        print(f"{question}: {', '.join(places) or 'nothing'}")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
