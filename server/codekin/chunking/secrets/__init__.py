"""Keys and passwords that stand in source code: they are blanked out before a chunk is embedded or its words are stored.

Three detectors: tokens by their form (`runs`, with gitleaks' rules), literals by their names (`named`), and what is known by
its surroundings (`forms`). Random-looking strings alone are no hit: hashes and test data are. The work grows with the length of
the text, whatever is in it: every expression is matched from a place that was found by plain search, and is bounded.
"""

from __future__ import annotations

import re

from codekin.chunking.secrets.forms import find_forms
from codekin.chunking.secrets.found import WORDS, Found
from codekin.chunking.secrets.named import find_named
from codekin.chunking.secrets.runs import find_tokens

__all__ = ["find_secrets", "redact"]

_NOT_LINE_ENDS = re.compile(r"[^\r\n]+")
BLANK = "<secret>"


def redact(text: str) -> tuple[str, int]:
    """Return the text with every secret blanked out, and how many there were. Lines stay lines."""
    found = find_secrets(text)
    if not found:
        return text, 0
    parts: list[str] = []
    end = 0
    for item in found:
        parts += (text[end : item.start], _NOT_LINE_ENDS.sub(BLANK, text[item.start : item.end]))
        end = item.end
    return "".join((*parts, text[end:])), len(found)


def find_secrets(text: str) -> list[Found]:
    """Where secrets stand, in the order of the text, none within another."""
    # One character there is whose lower case is two, and places must be the same in both.
    lower = text.replace("\u0130", "I").lower()
    places = {word: at for word in WORDS if (at := lower.find(word)) >= 0}
    every = sorted((*find_tokens(text, lower), *find_named(text, lower, places), *find_forms(text, lower, places)))
    result: list[Found] = []
    for item in every:
        if result and item.start < result[-1].end:
            if item.end > result[-1].end:
                result[-1] = result[-1]._replace(end=item.end)
        else:
            result.append(item)
    return result
