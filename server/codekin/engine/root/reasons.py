"""The reasons for a degraded status of one root, in sentences."""

from __future__ import annotations

from collections.abc import Mapping

from codekin.engine.root.root_index import RootIndex
from codekin.engine.stores.opening import OpenStores
from codekin.engine.stores.vector_space import VectorSpace
from codekin.indexing import QUARANTINED


def reasons_of(index: RootIndex) -> list[str]:
    """Return the reason for each degradation: what happened, what it means, and what to do."""
    found = [*_of_folder(index), *_of_stores(index.parts)]
    if chunks := dict(index.state.quarantined):
        found.append(_not_embedded(chunks))
    if quarantined := dict(index.quarantine.reasons):
        found.append(_quarantined(quarantined))
    if index.slower:
        found.append(f"The read-ahead process {index.slower}; indexing finished more slowly. No action is needed.")
    return found


def _of_folder(index: RootIndex) -> list[str]:
    return [*_read_only(index.lock.reason), *_removed(index)]


def _of_stores(parts: OpenStores) -> list[str]:
    found = []
    if parts.metadata.to_fix:
        found.append(f"{parts.metadata.why}. {parts.metadata.to_fix}")
    if parts.metadata.damage:
        damage = parts.metadata.damage.removesuffix(".")
        found.append(f"{damage[:1].upper()}{damage[1:]}. No action is needed.")
    found.extend(parts.lexical.problems)
    for space in (parts.serving, *([parts.deep] if parts.deep else [])):
        found.extend(getattr(space.vectors, "problems", ()))
    if parts.building:
        found.append(_changing(parts.serving, parts.building))
    if parts.compared and parts.compared.reason:
        found.append(parts.compared.reason)
    return found


def _read_only(cause: str) -> list[str]:
    reason = (
        f"The index is read-only: {cause} Searches use what is indexed; changes are not indexed. "
        "To fix: free disk space, or allow writing there. No restart is needed."
    )
    return [reason] if cause else []


def _removed(index: RootIndex) -> list[str]:
    reason = (
        "The index was removed while in use and is being rebuilt from the files. Until then, searches find only "
        "what is already indexed. No action is needed."
    )
    return [reason] if index.removed else []


def _changing(old: VectorSpace, new: VectorSpace) -> str:
    if old.embedder.name != new.embedder.name:
        return f"The model {old.embedder.name} answers until {new.embedder.name} has embedded everything. No action is needed."
    return f"The vector store {old.choice.backend} answers until {new.choice.backend} is filled. No action is needed."


def _not_embedded(reasons: Mapping[int, str]) -> str:
    what = f"{len(reasons):,} chunks" if len(reasons) > 1 else "A chunk"
    return (
        f"{what} could not be embedded and can be found by words only: {next(iter(reasons.values()))} "
        "To fix: run `codekin store sync` to list them, and `codekin store sync --fix` to try again."
    )


def _quarantined(reasons: Mapping[str, str]) -> str:
    path, reason = next(iter(reasons.items()))
    what = (
        f"{len(reasons):,} files are quarantined, among them {path}" if len(reasons) > 1 else f"{path} is quarantined"
    )
    return (
        f"{what}: {reason.removeprefix(QUARANTINED)} Each is tried again when it changes. "
        "To fix: exclude the file, or run `codekin store sync --fix` to try again now."
    )
