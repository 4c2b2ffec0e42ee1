"""Creation of a collection on a server that several workspaces and users share."""

from __future__ import annotations

from collections.abc import Sequence

from codekin.config import Config
from codekin.embedding import open_embedder
from codekin.errors import SettingsError
from codekin.storage import POSTGRES_INDEXES, parse_store, share_collection


def share_store(config: Config, name: str, readers: Sequence[str], writers: Sequence[str]) -> str:
    """Create the collection for the configured model and grant its use.

    Returns the statements of the grants. Blocking. Raises SettingsError, EmbedderError,
    IndexUnavailableError.
    """
    kind, collection = parse_store(name)
    if not collection or kind not in POSTGRES_INDEXES:
        raise SettingsError(
            f'"{name}" cannot be shared by this command. Name a collection in PostgreSQL, such as pgvector@team. '
            "For Redis, set the access rules in docs/stores/sharing.md."
        )
    model = open_embedder(config.embedder, allow_downloads=config.allow_downloads)
    return share_collection(
        collection, model.name, model.dim, index=POSTGRES_INDEXES[kind], readers=readers, writers=writers
    )
