"""Answers for models to the commands of a shell, in whichever process has the index open."""

from __future__ import annotations

from pathlib import Path

from codekin.answers import AgentAnswer, Answers, Budget
from codekin.api import Query, answered
from codekin.engine import Engine
from codekin.serving.messages import AgentForm, Asked, Expand, References


async def answer_for_agent(engine: Engine, root: Path, asked: Asked, form: AgentForm) -> AgentAnswer:
    """Answer a question about one root. Raises what `codekin.answers.Answers` raises."""
    answers = Answers(engine, [root], more=form.more)
    budget = Budget(form.max_tokens, form.detail, form.offset)
    if isinstance(asked, Expand):
        return await answers.expand(asked.path, asked.line, asked.end_line, form.max_tokens)
    if isinstance(asked, References):
        return await answers.references(asked.name, budget)
    return await answered(answers, Query.from_json(asked), budget)
