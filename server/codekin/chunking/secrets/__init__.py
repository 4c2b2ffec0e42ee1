"""Find keys and passwords in source code and blank them out before a chunk is embedded or indexed.

Three detectors: tokens by their form (`runs`, with the rules of gitleaks), literals by their names
(`named`), and secrets recognised by their surroundings (`forms`). A random-looking string alone is
not reported, because hashes and test data look like that. The time is linear in the length of any
text: every expression is bounded and is matched only at places found by plain search.
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
    """Return the text with every secret blanked out, and their number. Line breaks stay."""
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
    """Return the positions of secrets in the order of the text, without overlaps."""
    # This character has a lower case of two characters, but offsets must be equal in both texts.
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
