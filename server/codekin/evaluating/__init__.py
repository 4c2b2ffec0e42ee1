"""How well the search does on the user's own repository: an edge, like the command line it is reached from."""

from codekin.evaluating.evaluation import evaluate
from codekin.evaluating.report import print_evaluation

__all__ = ["evaluate", "print_evaluation"]
