"""Settings: defaults, then the environment, then what the edge was given. One frozen value, validated as a whole."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec

from codekin.errors import SettingsError

_PREFIX = "CODEKIN_"
_WORDS = {"on": "true", "yes": "true", "off": "false", "no": "false"}


class Config(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Every setting, with the default a newcomer gets. Editors send the same names in camelCase."""

    home: str = ""
    """Where indexes live; empty: the user's cache directory."""
    place: Literal["cache", "workspace"] = "cache"
    """"workspace" puts the index in <workspace>/.codekin instead."""
    trust_workspace_index: bool = False
    """Whether an index in the workspace is used that this user's home does not know, as in a container without a lasting home.
    Links, files of other users and files tracked by git are refused all the same.
    """
    metadata: Literal["auto", "sqlite", "memory"] = "auto"
    vectors: str = "auto"
    """"auto" is the flat index; otherwise a registered vector store."""
    dual_write: str = ""
    """A second vector store that every change goes to as well."""
    compare: bool = False
    """Whether the two are held against each other after each pass."""
    embedder: str = "static"
    """"static", "hashing" (tests), "sentence-transformers:<name or path>"."""
    deep: str = "off"
    """"on" has the deep model (`codekin[deep]`) read everything a second time, in the background; or the setting of another
    embedder to do that.
    """
    deep_budget: Annotated[float, msgspec.Meta(gt=0, le=1)] = 0.5
    """The share of this machine's processors that may be used for it."""
    allow_downloads: bool = False
    """Whether sentence-transformers may fetch a model that is not on this machine."""
    max_file_bytes: int = 1_000_000
    include: tuple[str, ...] = ()
    """Globs (.gitignore syntax) indexed even where an ignore file excludes them; secrets stay out."""
    exclude: tuple[str, ...] = ()
    """Globs never indexed."""
    history: bool = True
    """Whether commits and pull requests are searched."""
    history_commits: Annotated[int, msgspec.Meta(ge=0)] = 20_000
    """The newest so many commits of the checked-out and the default branch."""
    history_days: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Only commits of the last so many days; 0: of any age."""
    watch: bool = True
    reconcile_interval_s: float = 300.0
    debounce_ms: int = 50
    overlay_debounce_ms: int = 150
    code_lens: bool = False
    confirm_above_files: Annotated[int, msgspec.Meta(ge=0)] = 0
    """A first index of more files waits until indexing is resumed, for clients that ask a person first; 0: none waits."""
    latency_limit_ms: Annotated[float, msgspec.Meta(ge=0)] = 2_000.0
    """Degraded when one search in twenty takes longer; 0 turns it off, as for the limits below."""
    error_rate_limit: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.05
    """Degraded when more than this share of the searches fails."""
    memory_limit_bytes: Annotated[int, msgspec.Meta(ge=0)] = 1 << 30
    """Degraded when the process holds more resident memory."""

    def home_path(self) -> Path:
        """The directory that holds all indexes of this user."""
        if self.home:
            return Path(self.home).expanduser()
        import platformdirs  # noqa: PLC0415 - not before `initialize` is answered

        return Path(platformdirs.user_cache_dir("codekin", appauthor=False))


def load_config(overrides: Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None) -> Config:
    """Raises SettingsError, naming the setting, what it was and what it may be."""
    values = _from_environment(os.environ if environ is None else environ)
    values.update(overrides or {})
    try:
        return msgspec.convert(values, Config)
    except msgspec.ValidationError as error:
        raise SettingsError(f"Settings cannot be used: {error}") from error


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    """Every setting has a variable of its name: `max_file_bytes` is CODEKIN_MAX_FILE_BYTES. Lists are separated by commas."""
    values: dict[str, Any] = {}
    for field in msgspec.structs.fields(Config):
        variable = _PREFIX + field.name.upper()
        if text := environ.get(variable):
            try:
                values[field.encode_name] = msgspec.convert(_spoken(text, field.type), field.type, strict=False)
            except msgspec.ValidationError as error:
                raise SettingsError(f'{variable} cannot be "{text}": {_wanted(field.type) or error}.') from error
    return values


def _wanted(kind: Any) -> str:
    """What a setting may be, where the type alone says so; else ""."""
    if kind is bool:
        return "it is on or off"
    return f"it is one of {', '.join(get_args(kind))}" if get_origin(kind) is Literal else ""


def _spoken(text: str, kind: Any) -> str | list[str]:
    if kind is bool:
        return _WORDS.get(text.lower(), text)
    return text if get_origin(kind) is not tuple else [part.strip() for part in text.split(",") if part.strip()]
