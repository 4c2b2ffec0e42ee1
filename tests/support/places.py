"""Where the checkout and its sample workspace are."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "sample_workspace"
