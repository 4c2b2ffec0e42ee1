"""Hooks of mkdocs: the architecture page, links into the repository, and a check of pages.

The check warns about pages that load something from the network.
"""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
ARCHITECTURE = "<!-- server/ARCHITECTURE.md -->"
_OUTSIDE = re.compile(r"\]\((?P<target>(?:\.\./)+[^)#]+)(?P<anchor>#[^)]*)?\)")
_LOADED = re.compile(r"<(?:script|img|iframe|link)\b[^>]*?\b(?:src|href)=[\"']?(?:https?:)?//[^>]*>")
_log = logging.getLogger("mkdocs.plugins.codekin")


def on_page_markdown(markdown: str, *, page: Any, config: Any, **_: Any) -> str:
    """Insert the architecture, and point links to files outside `docs` at the repository."""
    folder = Path(page.file.abs_src_path).parent
    if ARCHITECTURE in markdown:
        text = (ROOT / "server/ARCHITECTURE.md").read_text(encoding="utf-8")
        _, _, body = text.partition("\n")
        markdown = markdown.replace(ARCHITECTURE, body.replace("](../docs/", "](../"))
    return _OUTSIDE.sub(lambda found: _to_repository(found, folder, config), markdown)


def on_post_page(output: str, *, page: Any, **_: Any) -> str:
    """Warn about anything that a browser would fetch from another host; a strict build fails."""
    for found in _LOADED.findall(output):
        if 'rel="canonical"' not in found:
            _log.warning("%s loads something from the network: %s", page.file.src_path, found)
    return output


def _to_repository(found: re.Match[str], folder: Path, config: Any) -> str:
    target = (folder / found["target"]).resolve()
    if target.is_relative_to(ROOT / "docs") or not target.exists():
        return found[0]  # mkdocs itself reports a link that leads nowhere
    path = target.relative_to(ROOT).as_posix()
    return f"]({config.extra['repository']}/blob/main/{path}{found['anchor'] or ''})"
