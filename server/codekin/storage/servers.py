"""What the stores on servers have in common: where the server is, and the name of a workspace's collection there."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from codekin.errors import IndexUnavailableError, SettingsError

_COLLECTION = "collection.txt"
_NAME = re.compile(r"[a-z][a-z0-9_]{2,47}")
_LONGEST_SLUG = 24
_SHARED_NAME = re.compile(r"[a-z][a-z0-9_]{1,39}")


def server_url(variable: str, store: str, example: str) -> str:
    """From the environment alone: a password belongs in no settings file. Raises SettingsError when it is not there."""
    url = os.environ.get(variable, "")
    if not url:
        raise SettingsError(
            f'The vector store "{store}" needs the address of a server in the environment variable {variable}, such as {example}.'
        )
    return url


def without_secrets(url: str) -> str:
    """The URL as it may be shown: neither password nor parameters."""
    parts = urlsplit(url)
    user = f"{parts.username}@" if parts.username else ""
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{user}{parts.hostname or ''}{port}{parts.path}"


def collection_of(directory: Path) -> str:
    """A name that no other index has, at most 48 characters of a-z, 0-9 and _; kept in the directory, so that it is the same
    in every process and after the folder has moved. Raises IndexUnavailableError.
    """
    file = directory / _COLLECTION
    slug = re.sub(r"[^a-z0-9]+", "_", directory.parent.parent.name.rpartition("-")[0].lower()).strip("_")
    name = "_".join(filter(None, ("codekin", slug[:_LONGEST_SLUG].rstrip("_"), secrets.token_hex(6))))
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = directory / f"{_COLLECTION}.{os.getpid()}.{secrets.token_hex(4)}"
        partial.write_text(name, encoding="ascii")
        try:
            os.link(partial, file)  # whole, and only if no other process was quicker
        except FileExistsError:
            name = file.read_text(encoding="ascii")
        finally:
            partial.unlink()
    except (OSError, UnicodeDecodeError) as error:
        raise IndexUnavailableError(f"{file} cannot be used: {error}") from error
    if not _NAME.fullmatch(name):
        raise IndexUnavailableError(f"{file} holds no name of a collection. Delete it to begin a new one.")
    return name


def check_shared_name(collection: str) -> None:
    """Raises SettingsError for what cannot name a shared collection."""
    if not _SHARED_NAME.fullmatch(collection):
        raise SettingsError(
            f'"{collection}" cannot name a collection: 2 to 40 characters of a-z, 0-9 and _, of which the first is a letter.'
        )


def model_digest(embedder: str) -> str:
    """Ten characters that stand for a model where its name would not be allowed."""
    return hashlib.blake2b(embedder.encode(), digest_size=5).hexdigest()
