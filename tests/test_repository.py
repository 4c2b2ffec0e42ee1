"""What the repository promises of itself."""

from __future__ import annotations

import re
import subprocess

import pytest

from support.places import ROOT

LINK = re.compile(r"\[[^\]]*\]\((?!https?:|#|mailto:|file:)([^)#]+)")
# Put together here, so that this file does not match itself.
MACHINE_PATHS = re.compile("|".join("/" + name + "/" for name in ("home/[a-z]+", "root", "work", "Users/[a-z]+")))
LARGEST_BYTES = 2_000_000
WEIGHTS = "server/codekin/embedding/static_model/model.safetensors"


def tracked():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [ROOT / name for name in listed.decode().split("\0") if name and (ROOT / name).is_file()]


def test_no_path_of_a_machine_is_named():
    for path in tracked():
        if path.suffix in (".py", ".md", ".toml", ".json", ".ts", ".mjs", ".sh", ""):
            text = path.read_text(encoding="utf-8", errors="replace")
            assert not MACHINE_PATHS.search(text), path


def test_no_link_is_tracked():
    """A link names a place of the machine it was made on; `tracked` does not see one that leads nowhere."""
    listed = subprocess.run(["git", "ls-files", "-s"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    assert [line for line in listed.splitlines() if line.startswith("120000")] == []


def test_files_are_small():
    large = [path for path in tracked() if path.stat().st_size > LARGEST_BYTES]
    assert [path.relative_to(ROOT).as_posix() for path in large] == [WEIGHTS]


@pytest.mark.parametrize("page", sorted(ROOT.glob("**/*.md")), ids=lambda page: page.name)
def test_links_between_pages_resolve(page):
    if "node_modules" in page.parts or ".venv" in page.parts:
        return
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_readme_answer_is_the_real_answer(sample):
    import sys

    command = [sys.executable, "-m", "codekin", "search", "where is the retry logic?", str(sample)]
    first, *_ = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert first.rsplit("  ", 1)[0].strip() in (ROOT / "README.md").read_text(encoding="utf-8")


def test_lock_file_names_no_registry():
    assert "resolved" not in (ROOT / "package-lock.json").read_text(encoding="utf-8")
