"""Redaction of answers to a model: secrets in files do not leave the machine.

The index contains no secrets, but snippets are read from the current files. A person may see the
file; a model and its provider do not need the keys in it.
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

_MAX_FILE_BYTES = 16_000_000
_MAX_REVISIONS = 50
"""Beyond this, a file of another revision is judged by its snippet only, to limit calls of git."""

_Place = tuple[str, str, str]
_Texts = dict[_Place, tuple[str, str]]
"""The full text and the redacted text, by root, path and revision."""


def without_secrets(response: SearchResponse) -> SearchResponse:
    """Return the response with every secret redacted, and a reason that counts the results changed.

    Blocking: it reads files.
    """
    texts: _Texts = {}
    results = tuple(_clean(result, texts) for result in response.results)
    count = sum(before != after for before, after in zip(response.results, results, strict=True))
    if not count:
        return response
    reason = f"Secrets are shown as <secret> in {count:,} of {len(results):,} results."
    return replace(response, results=results, reasons=(*response.reasons, reason))


def _clean(result: SearchResult, texts: _Texts) -> SearchResult:
    return replace(result, symbol=redact(result.symbol)[0], snippet=redact(_by_file(result, texts))[0])


def _by_file(result: SearchResult, texts: _Texts) -> str:
    """Return the snippet without secrets that extend beyond it, such as a key of many lines."""
    if result.commit or not result.snippet:
        return result.snippet
    place = result.root, result.path, result.revision
    if place not in texts:
        if result.revision and len(texts) >= _MAX_REVISIONS:
            return result.snippet
        text = _text(*place)
        texts[place] = text, redact(text)[0]
    text, clean = texts[place]
    if text == clean or not _lines(text, result).startswith(result.snippet):
        return result.snippet  # there is nothing to redact, or the file has changed since it was read
    return _lines(clean, result)[: len(result.snippet)]


def _text(root: str, path: str, revision: str) -> str:
    """Return the text of a file, or "" if it can no longer be read."""
    if revision:
        try:
            return file_at(Path(root), revision, path)
        except CodekinError:
            return ""
    text = read_text(Path(root), path, _MAX_FILE_BYTES)
    return "" if isinstance(text, Skipped) else text


def _lines(text: str, result: SearchResult) -> str:
    return "".join(split_lines(text, result.end_line)[result.start_line :])
