"""What a path says of a file, wherever in the index that matters."""

from __future__ import annotations

import re

TEST_PATH = re.compile(
    r"(^|/)(tests?|specs?|__tests__|testing|fixtures?|testdata)/|(^|/)(test_|tests?\.)|[._-](test|spec)s?\.|_tests?\.\w+$|Tests?\.\w+$|Spec\.\w+$"
)
"""Tests and what they run on, by the habits of all languages. No match reaches across the slash before the file's name."""
