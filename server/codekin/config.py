"""Settings: defaults, then the environment, then what the edge was given. One frozen value, validated as a whole."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec
import platformdirs

from codekin.errors import SettingsError

_ENVIRONMENT = {
    "CODEKIN_HOME": "home",
    "CODEKIN_METADATA": "metadata",
    "CODEKIN_VECTORS": "vectors",
    "CODEKIN_EMBEDDER": "embedder",
    "CODEKIN_PLACE": "place",
    "CODEKIN_DEEP": "deep",
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
    deep: str = "off"
    """"on" has the deep model (`codekin[deep]`) read everything a second time, in the background; or the setting of another
    embedder to do that.
    """
    deep_budget: float = 0.5
    """The share of this machine's processors that may be used for it."""
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
        return (
            Path(self.home).expanduser() if self.home else Path(platformdirs.user_cache_dir("codekin", appauthor=False))
        )


def load_config(overrides: Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None) -> Config:
    """Raises SettingsError, naming the setting, what it was and what it may be."""
    values: dict[str, Any] = {}
    for variable, name in _ENVIRONMENT.items():
        given = (os.environ if environ is None else environ).get(variable)
        if given:
            values[name] = given
    values.update(overrides or {})
    try:
        config = msgspec.convert(values, Config)
    except msgspec.ValidationError as error:
        raise SettingsError(f"Settings cannot be used: {error}") from error
    if not 0.0 < config.deep_budget <= 1.0:
        raise SettingsError(
            f"Settings cannot be used: deepBudget is {config.deep_budget:g}, not a share above 0 and up to 1."
        )
    return config
