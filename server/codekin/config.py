"""Settings of codekin: one frozen, validated value.

The defaults apply first, then the environment, then what an editor or a program passes.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec

from codekin.errors import SettingsError

INSIDE = ".codekin"
"""The folder of an index in its workspace."""
MANIFEST = "index.json"
"""The file in each folder of an index that says what it belongs to."""
_PREFIX = "CODEKIN_"
_NOT_SAFE = re.compile(r"[^\w.-]+")
_SHOWN_CHARACTERS = 60
_WORDS = {"on": "true", "yes": "true", "off": "false", "no": "false"}


class Config(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Every setting with its default.

    Editors send the same names in camelCase.
    """

    home: str = ""
    """Folder for indexes. Empty: the user's cache directory."""
    place: Literal["cache", "workspace"] = "cache"
    """Location of the index.

    "workspace" puts it in <workspace>/.codekin, "cache" in the home folder.
    """
    trust_workspace_index: bool = False
    """Use an index in the workspace that this user's home does not list.

    This is for containers without a persistent home. Links, files of other users and files tracked
    by git are refused all the same.
    """
    metadata: Literal["auto", "sqlite", "memory"] = "auto"
    vectors: str = "auto"
    """Vector store. "auto" is the flat index; otherwise the name of a registered store."""
    dual_write: str = ""
    """Second vector store that receives every change as well."""
    compare: bool = False
    """Compare the two vector stores after each pass."""
    embedder: str = "static"
    """Embedding model: "static", "hashing" (tests), "onnx:<folder>" or another.

    "sentence-transformers:<name or path>" is any model that this library loads.
    """
    deep: str = "auto"
    """Second embedding model, which runs in the background.

    "on" is the deep model (`codekin[deep]`), "auto" the same in servers where it is installed,
    and "off" none; any other value is read like `embedder`.
    """
    deep_budget: Annotated[float, msgspec.Meta(gt=0, le=1)] = 0.5
    """Maximum share of this machine's processors for the deep model."""
    allow_downloads: bool = False
    """Allow sentence-transformers to download a model that is not on this machine."""
    max_file_bytes: Annotated[int, msgspec.Meta(ge=1000)] = 1_000_000
    include: tuple[str, ...] = ()
    """Globs (.gitignore syntax) to index even where an ignore file excludes them.

    Files with secrets are never indexed.
    """
    exclude: tuple[str, ...] = ()
    """Globs (.gitignore syntax) to exclude from the index."""
    history: bool = True
    """Index and search commits and pull requests."""
    history_commits: Annotated[int, msgspec.Meta(ge=0)] = 20_000
    """Maximum number of commits to index, newest first.

    Commits of the checked-out and the default branch are indexed.
    """
    history_days: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Maximum age of indexed commits in days. 0 means no limit."""
    watch: bool = True
    reconcile_interval_s: Annotated[float, msgspec.Meta(ge=1)] = 300.0
    debounce_ms: Annotated[int, msgspec.Meta(ge=0)] = 50
    overlay_debounce_ms: Annotated[int, msgspec.Meta(ge=0)] = 150
    code_lens: bool = False
    duplicates_threshold: Annotated[float, msgspec.Meta(ge=0.9, le=1)] = 0.95
    """Minimum similarity (cosine) of code that is listed as duplicates."""
    document_symbols: bool = False
    """Whether the language server answers the outline of a document.

    Editors with a language server for the language already have one.
    """
    confirm_above_files: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Number of files above which a first index waits until indexing is resumed.

    This is for clients that ask the user first. 0 means never.
    """
    latency_limit_ms: Annotated[float, msgspec.Meta(ge=0)] = 2_000.0
    """Maximum 95th percentile of search latency in milliseconds before the status is degraded.

    0 means no limit.
    """
    error_rate_limit: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.05
    """Maximum share of failed searches before the status is degraded. 0 means no limit."""
    memory_limit_bytes: Annotated[int, msgspec.Meta(ge=0)] = 1 << 30
    """Maximum resident memory in bytes before the status is degraded. 0 means no limit."""

    def home_path(self) -> Path:
        """Return the folder that contains all indexes of this user."""
        if self.home:
            return Path(self.home).expanduser()
        import platformdirs  # noqa: PLC0415 - imported only when needed, so that `initialize` is answered sooner

        return Path(platformdirs.user_cache_dir("codekin", appauthor=False))

    def index_path(self, folder: Path) -> Path:
        """Return the folder that contains the index of a folder with a real path."""
        return folder / INSIDE if self.place == "workspace" else self.home_path() / "indexes" / directory_name(folder)


def directory_name(folder: Path) -> str:
    """Return a name that no other folder has, and that begins like its own."""
    digest = hashlib.blake2b(os.path.normcase(folder).encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()
    return f"{slug(folder.name)[:40]}-{digest}"


def slug(text: str) -> str:
    """Return a text as part of the name of a file."""
    return _NOT_SAFE.sub("-", text).strip("-") or "root"


def load_config(overrides: Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None) -> Config:
    """Return the settings from the defaults, the environment and `overrides`, in this order.

    Raises SettingsError, which names the setting, its value and the allowed values.
    """
    config, problems = usable_config(overrides, environ)
    if problems:
        raise SettingsError(problems[0])
    return config


def usable_config(
    overrides: Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None
) -> tuple[Config, list[str]]:
    """Return the settings as `load_config` does, and a sentence for each invalid one.

    An invalid setting has its default, and does not affect the others.
    """
    values, problems = _from_environment(os.environ if environ is None else environ)
    fields = {field.encode_name: field for field in msgspec.structs.fields(Config)}
    for name, value in (overrides or {}).items():
        field = fields.get(name)
        if field is None:
            problems.append(f'There is no setting "{name}".')
            continue
        try:
            values[field.name] = msgspec.convert(value, field.type)
        except msgspec.ValidationError as error:
            values.pop(field.name, None)
            problems.append(
                f'The setting "{name}" cannot be {_shown(value)}: {_expected(field.type, error, "true or false")}.'
            )
    return Config(**values), problems


def _from_environment(environ: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """Return the settings that the environment contains by their names, and what is invalid.

    Each setting has a variable of its name: `max_file_bytes` is CODEKIN_MAX_FILE_BYTES. Lists are
    separated by commas.
    """
    values: dict[str, Any] = {}
    problems: list[str] = []
    for field in msgspec.structs.fields(Config):
        variable = _PREFIX + field.name.upper()
        if text := environ.get(variable):
            try:
                values[field.name] = msgspec.convert(_from_text(text, field.type), field.type, strict=False)
            except msgspec.ValidationError as error:
                problems.append(f'{variable} cannot be "{text}": {_expected(field.type, error, "on or off")}.')
    return values, problems


def _expected(kind: Any, error: msgspec.ValidationError, switch: str) -> str:
    """Return the allowed values of a type; `switch` names those of a boolean."""
    if kind is bool:
        return f"expected {switch}"
    if get_origin(kind) is Literal:
        return f"expected one of {', '.join(get_args(kind))}"
    text = str(error).partition(" - at `")[0]
    return text[:1].lower() + text[1:]


def _shown(value: Any) -> str:
    try:
        text = msgspec.json.encode(value).decode()
    except (TypeError, ValueError):  # not a value of JSON, or not valid Unicode
        text = repr(value)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"


def _from_text(text: str, kind: Any) -> str | list[str]:
    if kind is bool:
        return _WORDS.get(text.lower(), text)
    return text if get_origin(kind) is not tuple else [part.strip() for part in text.split(",") if part.strip()]
