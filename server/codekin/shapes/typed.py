"""`TypedDict` as every supported Python and pydantic understand it."""

import sys

if sys.version_info >= (3, 12):
    from typing import NotRequired, TypedDict
else:  # the one in typing does not tell which keys are required, and pydantic refuses it
    from typing_extensions import NotRequired, TypedDict

__all__ = ["NotRequired", "TypedDict"]
