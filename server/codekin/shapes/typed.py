"""A `TypedDict` that works on every supported Python and in pydantic."""

import sys

if sys.version_info >= (3, 12):
    from typing import NotRequired, TypedDict
else:  # before 3.12, the one in typing loses which keys are required, and pydantic rejects it
    from typing_extensions import NotRequired, TypedDict

__all__ = ["NotRequired", "TypedDict"]
