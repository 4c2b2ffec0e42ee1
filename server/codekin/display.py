"""Untrusted text for people to read: on one line, without invisible characters or active markup.

Names, titles and lines of code may contain escape sequences for terminals, characters that reverse
text or have no width ("Trojan Source"), line ends, and Markdown. Output for programs stays exact;
output for people is escaped here.
"""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

_INVISIBLE = (
    "\\x00-\\x1f\\x7f-\\x9f"  # controls, escape sequences among them
    "\\xad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff"  # directions, zero widths, line ends
    "\\u034f\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180d\\u180f\\u2800\\u3164\\uffa0"  # letters and marks without a shape
    "\\ufe00-\\ufe0f\\ufff0-\\ufffb\\ud800-\\udfff"  # variations, annotations, surrogates
    "\\U0001bca0-\\U0001bca3\\U0001d173-\\U0001d17a\\U000e0000-\\U000e0fff"  # shorthand, music, tags
)
_HIDDEN = re.compile(f"[{_INVISIBLE}]")
_HIDDEN_BUT_TABS = re.compile(f"(?!\\t)[{_INVISIBLE}]")
_JOINED = re.compile("(?<=[^\\x00-\\x7f])[\\u200c\\u200d](?=[^\\x00-\\x7f])|(?<=[^\\x00-\\x7f])[\\ufe0e\\ufe0f]")
"""Joiners and variation selectors between non-ASCII characters, as in scripts and emoji."""
_MARKDOWN = re.compile(r"[\\`*_{}\[\]()<>#+!|~&@:$^]|\bwww(?=\.)")
_LIST = re.compile(r"\A(\s*\d*)([-=.])")
"""Characters that begin a list or underline a heading at the start of a line."""
_NAMES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_SHA_DIGITS = 7


def visible(text: str, *, tabs: bool = False) -> str:
    r"""Return the text on one line, with invisible characters as escapes such as `\u202e`.

    Escaped are also characters that change how others are shown. Joiners and variation selectors
    stay between non-ASCII characters, where scripts and emoji need them. `tabs` keeps tabs, for
    lines of code.
    """
    hidden = _HIDDEN_BUT_TABS if tabs else _HIDDEN
    if hidden.search(text) is None:
        return text
    kept = {match.start() for match in _JOINED.finditer(text)}
    return hidden.sub(lambda match: match[0] if match.start() in kept else _escape(match[0]), text)


def short_sha(sha: str) -> str:
    """Return the first seven digits of a hash of git, as git itself shows it."""
    return sha[:_SHA_DIGITS]


def who(author: str, day: str) -> str:
    """Return a text such as "Ann, 2026-01-31"; either may be ""."""
    return ", ".join(filter(None, (visible(author), day)))


def markdown(text: str) -> str:
    """Return the text escaped for Markdown, so that it creates no image, link, markup or HTML."""
    inline = _MARKDOWN.sub(lambda match: "\\" + match[0] if len(match[0]) == 1 else "www\\", visible(text))
    return _LIST.sub(r"\1\\\2", inline)


def code_span(text: str) -> str:
    """Return the text as inline code of Markdown, with a fence longer than its backticks."""
    shown = visible(text) or " "
    fence = "`" * (1 + max(map(len, re.findall("`+", shown)), default=0))
    edge = " " if shown[0] == "`" or shown[-1] == "`" else ""
    return f"{fence}{edge}{shown}{edge}{fence}"


def json_line(value: Any) -> str:
    """Return JSON on one line; invisible characters are escaped, non-finite numbers null."""
    try:
        text = msgspec.json.encode(value).decode()
    except UnicodeEncodeError:  # an unpaired surrogate, as in a name that is not UTF-8
        text = json.dumps(_finite(msgspec.to_builtins(value)))
    return _HIDDEN.sub(lambda match: json.dumps(match[0])[1:-1], text)


def _escape(character: str) -> str:
    if character in _NAMES:
        return _NAMES[character]
    code = ord(character)
    if code < 0x100:  # noqa: PLR2004 - as Python writes them
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"  # noqa: PLR2004


def _finite(value: Any) -> Any:
    return json.loads(json.dumps(value), parse_constant=lambda _: None)
