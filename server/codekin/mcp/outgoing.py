"""What leaves towards a model: the answers of the engine without the secrets that are in the files.

The index knows none, but snippets come from the files as they are now. A person sees the file; a model,
and whoever runs it, does not need its keys.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from codekin.chunking import redact, split_lines
from codekin.domain.search import SearchResponse, SearchResult
from codekin.domain.values import Skipped
from codekin.errors import CodekinError
from codekin.files import read_text
from codekin.history import file_at

_MOST_FILE_BYTES = 16_000_000
_MOST_REVISIONS = 50
"""From so many on, a file of another revision is judged by the lines of the result alone: each is a call of git."""

_Place = tuple[str, str, str]
_Texts = dict[_Place, tuple[str, str]]
"""By root, path and revision: the whole text, and the same without its secrets."""


def without_secrets(response: SearchResponse) -> SearchResponse:
    """The same with every secret blanked out, and with a reason that says of how many results. Blocking: it reads files."""
    whole: _Texts = {}
    results = tuple(_clean(result, whole) for result in response.results)
    count = sum(before != after for before, after in zip(response.results, results, strict=True))
    if not count:
        return response
    told = f"Secrets are shown as <secret> in {count:,} of {len(results):,} results."
    return replace(response, results=results, reasons=(*response.reasons, told))


def _clean(result: SearchResult, whole: _Texts) -> SearchResult:
    return replace(result, symbol=redact(result.symbol)[0], snippet=redact(_by_file(result, whole))[0])


def _by_file(result: SearchResult, whole: _Texts) -> str:
    """The snippet with what is a secret only together with lines outside of it, such as a key of many lines, blanked out."""
    if result.commit or not result.snippet:
        return result.snippet
    place = result.root, result.path, result.revision
    if place not in whole:
        if result.revision and len(whole) >= _MOST_REVISIONS:
            return result.snippet
        text = _text(*place)
        whole[place] = text, redact(text)[0]
    text, clean = whole[place]
    if text == clean or not _lines(text, result).startswith(result.snippet):
        return result.snippet  # nothing to blank out, or a file that has changed since it was read
    return _lines(clean, result)[: len(result.snippet)]


def _text(root: str, path: str, revision: str) -> str:
    """Empty where it cannot be read any more."""
    if revision:
        try:
            return file_at(Path(root), revision, path)
        except CodekinError:
            return ""
    text = read_text(Path(root), path, _MOST_FILE_BYTES)
    return "" if isinstance(text, Skipped) else text


def _lines(text: str, result: SearchResult) -> str:
    return "".join(split_lines(text, result.end_line)[result.start_line :])
