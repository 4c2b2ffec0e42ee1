"""Settings: defaults, then the environment, then what the edge was given. One frozen value, validated as a whole."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from codekin.errors import SettingsError

_ENVIRONMENT = {
    "CODEKIN_HOME": "home",
    "CODEKIN_METADATA": "metadata",
    "CODEKIN_VECTORS": "vectors",
    "CODEKIN_EMBEDDER": "embedder",
    "CODEKIN_PLACE": "place",
}


class Config(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Every setting, with the default a newcomer gets. Editors send the same names in camelCase."""

    home: str = ""
    """Where indexes live; empty: the user's cache directory."""
    place: Literal["cache", "workspace"] = "cache"
    """"workspace" puts the index in <workspace>/.codekin instead."""
    metadata: Literal["auto", "sqlite", "memory"] = "auto"
    vectors: str = "auto"
    """"auto" is the flat index; otherwise a registered vector store."""
    embedder: str = "static"
    """"static", "hashing" (tests), "sentence-transformers:<name or path>"."""
    allow_downloads: bool = False
    """Whether sentence-transformers may fetch a model that is not on this machine."""
    max_file_bytes: int = 1_000_000
    include: tuple[str, ...] = ()
    """Globs (.gitignore syntax) indexed even where an ignore file excludes them; secrets stay out."""
    exclude: tuple[str, ...] = ()
    """Globs never indexed."""
    watch: bool = True
    reconcile_interval_s: float = 300.0
    debounce_ms: int = 50
    overlay_debounce_ms: int = 150
    code_lens: bool = False

    def home_path(self) -> Path:
        """The directory that holds all indexes of this user."""
        if self.home:
            return Path(self.home).expanduser()
        import platformdirs  # noqa: PLC0415 - not before `initialize` is answered

        return Path(platformdirs.user_cache_dir("codekin", appauthor=False))


def load_config(overrides: Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None) -> Config:
    """Raises SettingsError, naming the setting, what it was and what it may be."""
    values: dict[str, Any] = {}
    for variable, name in _ENVIRONMENT.items():
        given = (os.environ if environ is None else environ).get(variable)
        if given:
            values[name] = given
    values.update(overrides or {})
    try:
        return msgspec.convert(values, Config)
    except msgspec.ValidationError as error:
        raise SettingsError(f"Settings cannot be used: {error}") from error
