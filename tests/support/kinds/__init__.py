"""Small texts of each kind of file, with the definitions that each contains.

A definition is given as its qualified name and its line, 1-based.
"""

from __future__ import annotations

from support.kinds.builds import BUILDS
from support.kinds.languages import LANGUAGES
from support.kinds.schemas import SCHEMAS

__all__ = ["KINDS"]

KINDS: dict[str, tuple[str, str]] = dict(sorted((BUILDS | LANGUAGES | SCHEMAS).items()))
