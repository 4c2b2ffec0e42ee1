"""Settings from the environment, checked once at start-up."""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Everything that differs between a laptop and production."""

    database: str
    carrier_url: str
    page_size: int


def load_settings(environ=os.environ):
    """Read all settings; complain about every missing one at once."""
    missing = [name for name in ("PARCEL_DB", "CARRIER_URL") if not environ.get(name)]
    if missing:
        raise SystemExit(f"please set {', '.join(missing)}")
    return Settings(environ["PARCEL_DB"], environ["CARRIER_URL"], int(environ.get("PAGE_SIZE", "50")))
