"""Measure search quality on the user's own repository. It is an edge, like the command line."""

from codekin.evaluating.evaluation import evaluate
from codekin.evaluating.report import print_evaluation

__all__ = ["evaluate", "print_evaluation"]
