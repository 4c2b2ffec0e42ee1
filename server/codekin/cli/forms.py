"""The form of an answer: text for people, text within a budget for a model, or JSON."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from codekin.answers import Detail

MORE_PLACES = "{count:,} more: --offset {offset}"
"""How an answer is continued on the command line."""
FORMATS = ("text", "agent", "json")


def format_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that choose the form and the length of an answer."""
    options = (
        click.option(
            "--format",
            "form",
            type=click.Choice(FORMATS),
            envvar="CODEKIN_FORMAT",
            help="Form of the answer: text for people, agent for a model. Default: CODEKIN_FORMAT, or text.",
        ),
        click.option(
            "--max-tokens",
            default=2_000,
            show_default=True,
            type=click.IntRange(200, 100_000),
            help="Maximum length of an answer for a model.",
        ),
        click.option(
            "--detail",
            default="lines",
            show_default=True,
            type=click.Choice(["places", "lines", "full"]),
            help="How much of each place an answer for a model quotes.",
        ),
        click.option(
            "--offset", default=0, type=click.IntRange(0, 999), help="Continue an answer for a model at this place."
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class Form:
    """The form of an answer, and the budget of one for a model."""

    name: str = "text"
    max_tokens: int = 2_000
    detail: Detail = "lines"
    offset: int = 0

    @classmethod
    def of(cls, *, as_json: bool, options: Mapping[str, Any]) -> Form:
        """Return the form that the options choose. In a terminal, the default is text."""
        chosen = "json" if as_json else options["form"] or "text"
        source = click.get_current_context().get_parameter_source("form")
        if source is click.core.ParameterSource.ENVIRONMENT and sys.stdout.isatty():
            chosen = "json" if as_json else "text"
        return cls(chosen, options["max_tokens"], options["detail"], options["offset"])
