"""Filters as JSON, for every edge that takes them: a key for each field of `codekin.domain.search.Filters`."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, get_type_hints

import msgspec

from codekin.domain.search import Filters


class _Spec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    def filters(self) -> Filters:
        """Return the filters as the engine takes them."""
        return Filters(**msgspec.structs.asdict(self))


if TYPE_CHECKING:

    class FilterSpec(_Spec, frozen=True):
        """A type for the type checker: the fields are known at run time alone."""

else:
    _types = get_type_hints(Filters)
    FilterSpec = msgspec.defstruct(
        "FilterSpec",
        [(item.name, _types[item.name], item.default) for item in fields(Filters)],
        bases=(_Spec,),
        namespace={"__doc__": "What a search is restricted to; see `filters` in docs/reference/protocol.md."},
        module=__name__,
        frozen=True,
        kw_only=True,
        forbid_unknown_fields=True,
        omit_defaults=True,
    )
