"""What the path of a file reveals about it."""

from __future__ import annotations

import re

TEST_PATH = re.compile(
    r"(^|/)(tests?|specs?|__tests__|testing|fixtures?|testdata)/|(^|/)(test_|tests?\.)|[._-](test|spec)s?\.|_tests?\.\w+$|Tests?\.\w+$|Spec\.\w+$"
)
"""Paths of tests and their fixtures, by the conventions of all languages.

No match extends across the slash before the file's name.
"""
