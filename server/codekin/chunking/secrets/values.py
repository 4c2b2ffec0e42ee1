"""Judge whether a value assigned to a name such as "password" can be a secret."""

from __future__ import annotations

import re

from codekin.chunking.secrets.found import entropy_bits
from codekin.chunking.secrets.rules import rules

_INTERPOLATED = re.compile(
    r"[$#@]\{|\{\{|\$\(|%\(|<%|%[sd]\b|^\$\w+$|^%\w+%$|^\$env:|^\{[\w.:!]*\}$|^<.*>$|^\[.*\]$|^@\w+@$|^__\w+__$"
)
_PLACEHOLDER = re.compile(
    r"""(?ix)
    ^(?:x+|\*+|\.+|-+|_+|\?+|0+|1+)$
    | (?:^|[^A-Za-z])(?:change[_-]?(?:me|it|this)|placeholder|redacted|example|dummy) | your[_-] | ^your | ^my[_-]?\w*(?:password|secret|token|key)$
    | ^(?:insert|enter|add|put|replace|use|set|paste|todo|fixme|some|any|the|a|an|no|not|not[_-]set|fill)[_-]
    | ^(?:test|testing|fake|mock|sample|foo|bar|baz|qux|none|null|nil|true|false|undefined|string|bytes|str|text|value|default|unset|empty
    |hidden|masked|secret|password|passwd|passphrase|pass|pwd|token|key|apikey|api_key|auth|credential|user|username|admin|root|guest)
      (?:[_-]?(?:test|value|password|secret|token|key|here|string|field|name|only|\d{1,2}))*$
    | (?:here|x{4,}|\.\.\.|…|\*{3,})$ | ^x{3,} | \*{3,}
    """
)
_NAME_LIKE = re.compile(r"[A-Za-z_$][\w$]*(?:(?:\.|->|::)[A-Za-z_$][\w$]*)+\??")
_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*")
_STEM = re.compile(r"(?i)pass|pwd|secret|token|key|auth|cred|hash|field|param|name|value|user")
_PATH_OR_ADDRESS = re.compile(
    r"^(?:\.{0,2}/|~/|[A-Za-z]:[\\/]|https?://|file:|arn:|urn:|projects/|refs/|[\w-]+\.[a-z]{2,4}$)"
)
_TURN = re.compile(r"(?=[A-Za-z]\d|\d[A-Za-z])")
_MARK = re.compile(r"[!@#$%^&*?~+=]")
_WORDS = re.compile(r"[a-z]+")
_HEX_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}$")
_SENTENCE = re.compile(r"\s")
_UPPER, _LOWER, _DIGIT = re.compile("[A-Z]"), re.compile("[a-z]"), re.compile("[0-9]")
_WORD = re.compile(r"(?<![A-Za-z])(?:[a-z]{5,}|[A-Z][a-z]{4,}|[A-Z]{5,})(?![A-Za-z])")
_RANDOM_CHARACTERS = 20
_SHORTEST_PASSWORD = 6
_SHORTEST_TOKEN = 12
_SHORTEST_WORDS = 10
_RANDOM_BITS = 3.0


def is_no_literal(value: str) -> bool:
    """Return whether a value is composed at run time, a placeholder, a path or a sentence."""
    if _SENTENCE.search(value) or _INTERPOLATED.search(value):
        return True
    return not _is_random(value) and bool(
        _PLACEHOLDER.search(value) or _PATH_OR_ADDRESS.search(value) or rules().allowed.search(value)
    )


def is_set(value: str) -> bool:
    """Return whether the value of an option or of a setting can be a secret: it has a digit."""
    return bool(_DIGIT.search(value)) and not is_no_literal(value)


def _is_random(value: str) -> bool:
    """Return whether a value looks machine-made: mixed characters and no readable word."""
    return (
        len(value) >= _RANDOM_CHARACTERS
        and bool(_UPPER.search(value) and _LOWER.search(value) and _DIGIT.search(value))
        and not _WORD.search(value)
        and entropy_bits(value) >= 4.0  # noqa: PLR2004
    )


def is_quoted_password(value: str) -> bool:
    """Return whether a literal can be the value of a name that ends in password or the like.

    Digits, punctuation or unusual words make it one.
    """
    if len(value) < _SHORTEST_PASSWORD or is_no_literal(value) or _HEX_COLOUR.match(value):
        return False
    if any(character.isdigit() for character in value):
        return not _is_numbered_name(value) and len(set(value)) > 2  # noqa: PLR2004
    if _NAME_LIKE.fullmatch(value) or len(value) < 8:  # noqa: PLR2004
        return False
    return bool(_MARK.search(value)) or _is_of_unusual_words(value) or _is_of_random_letters(value)


def is_quoted_token(value: str) -> bool:
    """Return whether a literal can be the value of a name that ends in token or key.

    Machines generate these, so they are long and have digits.
    """
    if len(value) < _SHORTEST_TOKEN or is_no_literal(value):
        return False
    return any(character.isdigit() for character in value) and not _is_numbered_name(value) and not value.isdigit()


def is_bare_secret(value: str, *, sure: bool) -> bool:
    """Return whether a value without quotes can be a secret and not a name in the program.

    `sure` says that it cannot be a name.
    """
    value = value.rstrip(".")
    if len(value) < _SHORTEST_PASSWORD or is_no_literal(value) or _NAME_LIKE.fullmatch(value):
        return False
    if _is_random(value):
        return True
    digits = sum(character.isdigit() for character in value)
    if sure:
        return (digits > 0 and not _is_numbered_name(value)) or (bool(_MARK.search(value)) and len(value) >= 8)  # noqa: PLR2004
    if not digits or value.isdigit():
        return False
    if _IDENTIFIER.fullmatch(value):
        turns = len(_TURN.findall(value))
        return turns >= 3 and not _is_numbered_name(value) and len(value) >= _SHORTEST_TOKEN and "_" not in value  # noqa: PLR2004
    return entropy_bits(value) >= _RANDOM_BITS or bool(_MARK.search(value))


def _is_numbered_name(value: str) -> bool:
    """Return whether a value is a name with a number, such as password1 or api_key_v2."""
    return bool(_STEM.search(value)) and len(_TURN.findall(value)) <= 2 and not _MARK.search(value) and len(value) < 24  # noqa: PLR2004


def _is_of_random_letters(value: str) -> bool:
    """Return whether capitals occur throughout; names in programs have few."""
    capitals = len(_UPPER.findall(value))
    return len(value) >= 16 and value.isalpha() and 0.3 <= capitals / len(value) <= 0.7 and entropy_bits(value) >= 3.3  # noqa: PLR2004


def _is_of_unusual_words(value: str) -> bool:
    """Return whether a value consists of words joined as in passphrases.

    None of the words may be one that names things in programs.
    """
    words = _WORDS.findall(value.lower())
    if len(value) < _SHORTEST_WORDS or _STEM.search(value) or (value.isidentifier() and not value.islower()):
        return False
    ordinary = rules().ordinary
    return 3 <= len(words) <= 8 and not any(word in ordinary for word in words)  # noqa: PLR2004
