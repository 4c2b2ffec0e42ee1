"""What the repository promises of itself."""

from __future__ import annotations

import re
import subprocess
from collections import Counter

import pytest

from support.commands import run_codekin
from support.places import ROOT

LINK = re.compile(r"\[[^\]]*\]\((?!https?:|#|mailto:|file:)([^)#]+)")
# Put together here, so that this file does not match itself.
MACHINE_PATHS = re.compile(
    "|".join(r"(?<!\w)/" + name + "/" for name in ("home/[a-z]+", "root", "work", "Users/[a-z]+"))
)
LARGEST_BYTES = 2_000_000
CODE = ("server/codekin", "client/src", "tests", "benchmarks")
CODE_SUFFIXES = {".py", ".ts", ".js", ".mjs"}
MOST_FILES = 15
MOST_LINES = 400
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
    """A link may point to another machine's path; `tracked` does not list broken links."""
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
    first, *_ = run_codekin("search", "where is the retry logic?", sample, check=True).stdout.splitlines()
    assert first.rsplit("  ", 1)[0].strip() in (ROOT / "README.md").read_text(encoding="utf-8")


def test_lock_file_names_no_registry():
    assert "resolved" not in (ROOT / "package-lock.json").read_text(encoding="utf-8")


def tracked_code():
    """Paths of code that the product and its tests are made of, relative, with slashes."""
    paths = [path.relative_to(ROOT) for path in tracked() if path.suffix in CODE_SUFFIXES]
    return [path for path in paths if path.as_posix().startswith(tuple(f"{folder}/" for folder in CODE))]


def test_no_folder_of_code_has_many_files():
    files = Counter(path.parent.as_posix() for path in tracked_code())
    assert files["tests/support"] > 1, "nothing was counted"
    assert {folder for folder, count in files.items() if count > MOST_FILES} == set()


def test_no_file_of_code_is_long():
    lines = {path.as_posix(): len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path in tracked_code()}
    assert {path for path, count in lines.items() if count > MOST_LINES} == set()


def test_the_pythons_that_are_checked_are_those_that_are_promised():
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    promised = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', project)
    assert f'requires-python = ">={promised[0]}"' in project
    matrices = re.findall(r"python: \[(.*)\]", (ROOT / ".github/workflows/checks.yml").read_text(encoding="utf-8"))
    assert [re.findall(r'"(.*?)"', matrix) for matrix in matrices] == [promised, promised]
