"""Addresses of servers, and the name of a workspace's collection there."""

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
_MAX_SLUG = 24
_SERVICE = "codekin"
_HOST = re.compile(r"(\[[0-9a-fA-F:.%]*\]|[^:\[\]]*)(:[0-9]*)?")
_NEXT_URL = re.compile(r",(?=\s*(?:[A-Za-z][A-Za-z0-9+.-]*://|,|$))")
"""The comma between two URLs; one within a URL stays, and makes it invalid."""
_SHARED_NAME = re.compile(r"[a-z][a-z0-9_]{1,39}")


def server_url(variable: str, store: str, example: str) -> str:
    """Return the URL from the environment or the user's keyring.

    Settings files are not read, since they should not contain passwords. Raises SettingsError,
    without showing the URL, if it is in neither place or invalid.
    """
    url = _given(variable, store, example)
    if not _is_unambiguous(url):
        raise _invalid(variable, example)
    return url


def server_urls(variable: str, store: str, example: str) -> tuple[str, ...]:
    """Return the URLs of the nodes of a cluster: one, or several with commas between.

    Raises SettingsError as `server_url` does, and for a scheme that is not http or https, an empty
    member, or one that is repeated.
    """
    text = _given(variable, store, example)
    urls = tuple(part.strip() for part in _NEXT_URL.split(text))
    for url in urls:
        if not _is_unambiguous(url) or "," in url:
            raise _invalid(variable, example)
        if urlsplit(url).scheme not in {"http", "https"}:
            raise SettingsError(f"An address in {variable} does not begin with http:// or https://.")
    nodes = [urlsplit(url).netloc.rpartition("@")[2] for url in urls]
    if repeated := sorted({node for node in nodes if nodes.count(node) > 1}):
        raise SettingsError(f"{variable} names {repeated[0]} more than once. To fix: name each node once.")
    return urls


def _given(variable: str, store: str, example: str) -> str:
    """Return what the environment or the keyring has. Raises SettingsError if it is in neither."""
    url = os.environ.get(variable, "") or _from_keyring(variable)
    if not url:
        raise SettingsError(
            f'The vector store "{store}" has no server address. '
            f"To fix: set the environment variable {variable}, for example to {example}, or store the address in "
            f"the keyring: `pip install 'codekin[keyring]'`, then `keyring set {_SERVICE} {variable}`."
        )
    return url


def _is_unambiguous(url: str) -> bool:
    """Return whether the URL can be split in one way only."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    hosts = parts.netloc.rpartition("@")[2].split(",")
    ambiguous = parts.netloc.count("@") > 1 or "@" in parts.path + parts.fragment
    return bool(parts.netloc) and not ambiguous and all(map(_HOST.fullmatch, hosts))


def _invalid(variable: str, example: str) -> SettingsError:
    # A library's message about such an address could contain the password.
    return SettingsError(
        f"The address in {variable} is invalid. It must look like {example}. "
        "In a password, write @, :, /, ? and # as %40, %3A, %2F, %3F and %23."
    )


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
            f"Could not read {variable} from the keyring: {error}. To fix: unlock the keyring, or set the environment variable."
        ) from error


def without_secrets(url: str) -> str:
    """Return the URL without password and parameters, for display."""
    parts = urlsplit(url)
    user = f"{parts.username}@" if parts.username else ""
    hosts = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{user}{hosts}{parts.path}"


def redacted_message(error: Exception, *urls: str) -> str:
    """Return the error's message in one line, with the passwords of the URLs replaced by ***."""
    text = " ".join(str(error).split())
    for url in urls:
        parts = urlsplit(url)
        given = [parts.password or "", *parse_qs(parts.query).get("password", [])]
        for secret in filter(None, {*given, *map(unquote, given)}):
            text = text.replace(secret, "***")
    return text


def collection_of(directory: Path) -> str:
    """Return the name of the index's collection, at most 48 characters of a-z, 0-9 and _.

    The name is unique. It is stored in the directory, so that it is the same in every process and
    after the folder has moved. Raises IndexUnavailableError.
    """
    file = directory / _COLLECTION
    slug = re.sub(r"[^a-z0-9]+", "_", directory.parent.parent.name.rpartition("-")[0].lower()).strip("_")
    name = "_".join(filter(None, ("codekin", slug[:_MAX_SLUG].rstrip("_"), secrets.token_hex(6))))
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = whole_files.create_once(file, name.encode("ascii")).decode("ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise IndexUnavailableError(f"Could not read or create {file}: {error}") from error
    if not _NAME.fullmatch(name):
        raise IndexUnavailableError(
            f"{file} does not contain a valid collection name. To fix: delete it; a new collection is created."
        )
    return name


def check_shared_name(collection: str) -> None:
    """Raise SettingsError if the name is not valid for a shared collection."""
    if not _SHARED_NAME.fullmatch(collection):
        raise SettingsError(
            f'"{collection}" is not a valid collection name. Use 2 to 40 characters of a-z, 0-9 and _, starting with a letter.'
        )


def model_digest(embedder: str) -> str:
    """Return ten characters that identify a model where its name is not allowed."""
    return hashlib.blake2b(embedder.encode(), digest_size=5).hexdigest()
