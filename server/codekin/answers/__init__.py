"""Answers made for agents: the best places within a budget of tokens, as text for a model."""

from codekin.answers.answering import DEFAULT_BUDGET, AgentAnswer, Answers, Budget
from codekin.answers.packing import DEFAULT_TOKENS, MAX_TOKENS, MIN_TOKENS, Detail
from codekin.answers.shapes import AgentAnswerShape, PlaceShape, agent_answer_shape
from codekin.answers.tokens import count_tokens

__all__ = [
    "DEFAULT_BUDGET",
    "DEFAULT_TOKENS",
    "MAX_TOKENS",
    "MIN_TOKENS",
    "AgentAnswer",
    "AgentAnswerShape",
    "Answers",
    "Budget",
    "Detail",
    "PlaceShape",
    "agent_answer_shape",
    "count_tokens",
]
