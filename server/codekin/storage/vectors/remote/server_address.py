"""What the stores on servers have in common: where the server is, and the name of a workspace's collection there."""

from __future__ import annotations

import hashlib
import importlib
import os
import re
import secrets
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from codekin import whole_files
from codekin.errors import IndexUnavailableError, SettingsError

_COLLECTION = "collection.txt"
_NAME = re.compile(r"[a-z][a-z0-9_]{2,47}")
_LONGEST_SLUG = 24
_SERVICE = "codekin"
_HOST = re.compile(r"(\[[0-9a-fA-F:.%]*\]|[^:\[\]]*)(:[0-9]*)?")
_SHARED_NAME = re.compile(r"[a-z][a-z0-9_]{1,39}")


def server_url(variable: str, store: str, example: str) -> str:
    """From the environment or the user's keyring alone: a password belongs in no settings file. Raises SettingsError when it is
    in neither, or no URL, without showing it.
    """
    url = os.environ.get(variable, "") or _from_keyring(variable)
    if not url:
        raise SettingsError(
            f'The vector store "{store}" needs the address of a server in the environment variable {variable}, such as {example}, '
            f"or in the keyring (pip install 'codekin[keyring]', then: keyring set {_SERVICE} {variable})."
        )
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    hosts = parts.netloc.rpartition("@")[2].split(",")
    ambiguous = parts.netloc.count("@") > 1 or "@" in parts.path + parts.fragment
    if not parts.netloc or ambiguous or not all(map(_HOST.fullmatch, hosts)):
        # Whatever a library says of such an address may hold the password, taken for something else.
        raise SettingsError(
            f"The address in {variable} cannot be read. It should look like {example}; @, :, /, ? and # in a password are written "
            "%40, %3A, %2F, %3F and %23."
        )
    return url


def _from_keyring(variable: str) -> str:
    try:
        keyring = importlib.import_module("keyring")
    except ImportError:
        return ""
    try:
        return keyring.get_password(_SERVICE, variable) or ""
    except keyring.errors.NoKeyringError:
        return ""
    except keyring.errors.KeyringError as error:
        raise SettingsError(
            f"The keyring does not give {variable}: {error}. Remedy: unlock it, or set the environment variable."
        ) from error


def without_secrets(url: str) -> str:
    """The URL as it may be shown: neither password nor parameters."""
    parts = urlsplit(url)
    user = f"{parts.username}@" if parts.username else ""
    hosts = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{user}{hosts}{parts.path}"


def told(error: Exception, url: str) -> str:
    """What a library says of a failure, in one line, with the password of `url` blanked out should it be in there."""
    parts = urlsplit(url)
    given = [parts.password or "", *parse_qs(parts.query).get("password", [])]
    text = " ".join(str(error).split())
    for secret in filter(None, {*given, *map(unquote, given)}):
        text = text.replace(secret, "***")
    return text


def collection_of(directory: Path) -> str:
    """A name that no other index has, at most 48 characters of a-z, 0-9 and _; kept in the directory, so that it is the same
    in every process and after the folder has moved. Raises IndexUnavailableError.
    """
    file = directory / _COLLECTION
    slug = re.sub(r"[^a-z0-9]+", "_", directory.parent.parent.name.rpartition("-")[0].lower()).strip("_")
    name = "_".join(filter(None, ("codekin", slug[:_LONGEST_SLUG].rstrip("_"), secrets.token_hex(6))))
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = whole_files.create_once(file, name.encode("ascii")).decode("ascii")
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
