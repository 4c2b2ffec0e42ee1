"""Keys and passwords that stand in source code: they are blanked out before a chunk is embedded or its words are stored.

The rules name what issuers publish about the form of their tokens (a fixed prefix and a length), private key blocks, and long
literals given to a name that says what they are. Random-looking strings alone are no hit: hashes and test data are.
"""

from __future__ import annotations

import re

_RULES = tuple(
    (re.compile(sign), rule)
    for sign, rule in (
        (r"A[KS]IA", r"(?:AKIA|ASIA)[0-9A-Z]{16}"),  # AWS
        (r"gh[pousr]_", r"gh[pousr]_[A-Za-z0-9]{36,}"),
        (r"github_pat_", r"github_pat_[A-Za-z0-9_]{40,}"),
        (r"glpat-", r"glpat-[A-Za-z0-9_-]{20,}"),
        (r"xox", r"xox[abprs]-[A-Za-z0-9-]{10,}"),  # Slack
        (r"k_live_", r"[sr]k_live_[A-Za-z0-9]{16,}"),  # Stripe
        (r"AIza", r"AIza[0-9A-Za-z_-]{35}"),  # Google
        (r"npm_", r"npm_[A-Za-z0-9]{36}"),
        (r"pypi-", r"pypi-[A-Za-z0-9_-]{50,}"),
        (r"eyJ", r"eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"),  # JSON web token
        (r"PRIVATE KEY-----", r"-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*"),
    )
)
"""Each with a sign that stands in whatever it matches. An expression that begins with a letter is looked for as fast as a word."""
_ASSIGNED = (
    ("passw", ("password", "passwd")),
    ("secret", ("secret",)),
    ("apikey", ("apikey",)),
    ("api_key", ("api_key",)),
    ("token", ("accesstoken", "access_token", "authtoken", "auth_token")),
)
"""Parts of names, in lower case, of which one stands in whatever `_ASSIGNMENT` matches, and before them what they share."""
_ASSIGNMENT = (
    r"(?i:(?:password|passwd|secret|api_?key|access_?token|auth_?token)[\"']?\s*[:=]\s*[\"'])"
    r"(?=[^\"'\s]*\d)[^\"'\s]{12,}(?=[\"'])"
)
_LOWER_ASSIGNMENT = re.compile(_ASSIGNMENT.replace("(?i:", "(?:"))
_NOT_LINE_ENDS = re.compile(r"[^\r\n]+")
BLANK = "<secret>"


def redact(text: str) -> tuple[str, int]:
    """(the text with every secret blanked out, how many there were). Lines stay lines."""
    rules = [rule for sign, rule in _RULES if sign.search(text)]
    if _may_assign(text):
        rules.append(_ASSIGNMENT)
    if not rules:
        return text, 0
    return re.subn("|".join(rules), lambda match: _NOT_LINE_ENDS.sub(BLANK, match.group()), text)


def _may_assign(text: str) -> bool:
    """Whether a match of `_ASSIGNMENT` is possible. In ASCII an expression that minds case, on lower case, is as good and much faster."""
    lower = text.lower()
    if not any(shared in lower and any(name in lower for name in names) for shared, names in _ASSIGNED):
        return False
    return not text.isascii() or _LOWER_ASSIGNMENT.search(lower) is not None
