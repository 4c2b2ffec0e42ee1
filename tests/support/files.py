"""Files of a workspace."""

from __future__ import annotations


def write_files(root, texts):
    """Write a text for each path relative to `root`, creating folders; None deletes the file."""
    for name, text in texts.items():
        path = root / name
        if text is None:
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
