"""Filters as JSON: one key for each field of `codekin.domain.search.Filters`."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, get_type_hints

import msgspec

from codekin.domain.search import Filters


class _Spec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    def filters(self) -> Filters:
        """Return the filters for the engine."""
        return Filters(**msgspec.structs.asdict(self))


if TYPE_CHECKING:

    class FilterSpec(_Spec, frozen=True):
        """A type for the type checker, because the fields are only known at run time."""

else:
    _types = get_type_hints(Filters)
    FilterSpec = msgspec.defstruct(
        "FilterSpec",
        [(item.name, _types[item.name], item.default) for item in fields(Filters)],
        bases=(_Spec,),
        namespace={"__doc__": "Restrictions of a search; see `filters` in docs/reference/protocol.md."},
        module=__name__,
        frozen=True,
        kw_only=True,
        forbid_unknown_fields=True,
        omit_defaults=True,
    )
