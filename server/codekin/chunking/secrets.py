"""Keys and passwords that stand in source code: they are blanked out before a chunk is embedded or its words are stored.

The rules name what issuers publish about the form of their tokens (a fixed prefix and a length), private key blocks, and long
literals given to a name that says what they are. Random-looking strings alone are no hit: hashes and test data are.
"""

from __future__ import annotations

import re

_RULES = (
    r"(?:AKIA|ASIA)[0-9A-Z]{16}",  # AWS
    r"gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{40,}",
    r"glpat-[A-Za-z0-9_-]{20,}",
    r"xox[abprs]-[A-Za-z0-9-]{10,}",  # Slack
    r"[sr]k_live_[A-Za-z0-9]{16,}",  # Stripe
    r"AIza[0-9A-Za-z_-]{35}",  # Google
    r"npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_-]{50,}",
    r"eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}",  # JSON web token
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*",
    r"(?i:(?:password|passwd|secret|api_?key|access_?token|auth_?token)[\"']?\s*[:=]\s*[\"'])(?=[^\"'\s]*\d)[^\"'\s]{12,}(?=[\"'])",
)
_SECRET = re.compile("|".join(_RULES))
_NOT_LINE_ENDS = re.compile(r"[^\r\n]+")
BLANK = "<secret>"


def redact(text: str) -> tuple[str, int]:
    """(the text with every secret blanked out, how many there were). Lines stay lines."""
    return _SECRET.subn(lambda match: _NOT_LINE_ENDS.sub(BLANK, match.group()), text)
