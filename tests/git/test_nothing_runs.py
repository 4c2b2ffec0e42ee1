"""No setting, hook, attribute, alias or file of a repository starts a program.

`settings.tsv` has every setting of git that its documentation names; each that may name a program
is tried by itself, so that none hides another, and all together through the product.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from codekin import history
from codekin.domain.search import Filters, SearchRequest
from codekin.errors import CodekinError, GitError
from codekin.git import find_git_directory, run_git
from support.engines import open_engine
from support.git.hostile import HostileRepository
from support.git.settings import PROGRAM, named_by_git, read_table

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the traps are shell scripts")

TABLE = read_table()
PROGRAMS = [name for name, kind in TABLE.items() if kind == "program"]
_BOOLEAN = re.compile(r"advice|color|column|context|cache|update|skip|allow|partial", re.IGNORECASE)
NAMED = [
    "alias.*",
    "core.hooksPath",
    *(name for name in PROGRAMS if PROGRAM.search(name) and not _BOOLEAN.search(name)),
]
"""Those that git takes any text for: it works with all of them set."""
UNKNOWN = [name for name in named_by_git() if name not in TABLE]
PATHS = [name for name, kind in TABLE.items() if kind == "path"]
CONTAINED = contextlib.suppress(CodekinError)
LONGEST_S = 4
"""For opening a repository on a busy machine; a git that waits for a pipe is stopped after 5 s."""
"""A setting that git cannot use makes it fail; what counts is that nothing ran."""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    return HostileRepository(tmp_path_factory.mktemp("hostile"))


@pytest.fixture
def clean(hostile):
    """The same repository, with no mark in it."""
    for mark in hostile.traps.glob("*.sprung"):
        mark.unlink()
    return hostile


def ask_everything(root):
    """Each git command that the product runs, through what runs it."""
    with CONTAINED:
        repository = history.open_repository(root)
        heads = repository.heads()
        listed = history.list_commits(repository, heads.tips, limit=100, days=0)
        list(history.read_commits(repository, listed))
        history.changed_symbols(repository, listed)
        history.last_changes(repository, heads.head, ["a.py"], limit=100)
    with CONTAINED:
        sha = history.resolve_revision(root, "main")
        history.commit_text(root, sha)
        list(history.read_blobs(root, history.list_tree(root, sha)))
        history.file_at(root, sha, "a.py")
    with CONTAINED:
        history.blame_file(root, "a.py", None, 0, 2)
    with CONTAINED:
        history.worktree_state(root)
    history.web_address(root, "0" * 40, 1)
    for arguments in (("ls-files", "-co", "--exclude-standard", "-z"), ("check-ignore", "-z", "-v", "-n", "a.py")):
        with CONTAINED:
            run_git(root, *arguments, limit_s=10, limit_bytes=1_000_000)


def failure(where, *arguments):
    """What git said against it, "" where it went well."""
    try:
        run_git(where, *arguments, limit_s=5, limit_bytes=1_000_000)
    except GitError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", [*PROGRAMS, *UNKNOWN])
def test_setting_starts_no_program(clean, name):
    clean.plant(name)
    ask_everything(clean.folder)
    assert clean.sprung() == []


@pytest.mark.parametrize("name", PATHS)
def test_setting_that_names_a_pipe_is_not_waited_for(clean, name):
    pipe = clean.traps / "pipe"
    if not pipe.exists():
        os.mkfifo(pipe)
    clean.plant_value(name, str(pipe))
    began = time.monotonic()
    with pytest.raises(CodekinError, match="named pipe") if "." in name else CONTAINED:
        history.open_repository(clean.folder)
    assert time.monotonic() - began < LONGEST_S


def test_commands_on_objects_read_no_path_of_the_settings(clean):
    """Settings changed after the check are not read either, except includes."""
    pipe = clean.traps / "pipe"
    if not pipe.exists():
        os.mkfifo(pipe)
    for name in PATHS:
        if name.startswith(("include", "core.worktree", "extensions.")):
            continue
        clean.plant_value(name, str(pipe))
        where = find_git_directory(clean.folder)
        for arguments in (("log", "-p", "-2"), ("blame", "HEAD", "--", "a.py"), ("show", "HEAD")):
            assert "longer than" not in failure(where, *arguments), name


def test_hooks_and_programs_in_the_work_tree_are_not_run(clean, monkeypatch):
    clean.plant()
    clean.plant_hooks()
    clean.plant_programs()
    monkeypatch.chdir(clean.folder)
    monkeypatch.setenv("PATH", os.pathsep.join([".", "", str(clean.folder), os.environ["PATH"]]))
    ask_everything(clean.folder)
    assert clean.sprung() == []


async def test_nothing_runs_through_the_engine(clean):
    clean.plant(*NAMED)
    clean.plant_hooks()
    async with open_engine(clean.folder, watch=True) as engine:
        await engine.index()
        assert (await engine.search(SearchRequest("first"))).results
        for request in (
            SearchRequest("change", filters=Filters(kinds=("commit", "pull_request"))),
            SearchRequest("first", filters=Filters(at="HEAD~1")),
        ):
            assert (await engine.search(request)).results
    assert clean.sprung() == []


def test_nothing_runs_through_the_command_line(clean, tmp_path):
    clean.plant(*NAMED)
    clean.plant_hooks()
    clean.plant_programs()
    path = os.pathsep.join([".", os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "CODEKIN_HOME": str(tmp_path), "CODEKIN_EMBEDDER": "hashing"}
    for arguments in (
        ["index", "."],
        ["search", "kind:commit change"],
        ["blame", "a.py:1"],
        ["search", "first", "--at", "HEAD~1"],
        ["doctor"],
    ):
        done = subprocess.run(
            [str(Path(sys.executable).with_name("codekin")), *arguments],
            cwd=clean.folder, env=environment, check=False, capture_output=True, text=True,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, ""), arguments
    assert clean.sprung() == []


def test_the_traps_work(clean):
    """Plain git springs them, so that a test above can fail."""
    clean.plant(
        "core.fsmonitor", "diff.external", "filter.<driver>.clean", "diff.<driver>.textconv", "gpg.program", "alias.*"
    )
    clean.plant_hooks()
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
    (clean.folder / "a.py").touch()
    for arguments in (
        ["status"],
        ["diff"],
        ["log", "-p", "-1"],
        ["show", "--ext-diff"],
        ["blame", "a.py"],
        ["version"],
        ["checkout", "-q", "-b", "side"],
    ):
        subprocess.run(["git", *arguments], cwd=clean.folder, env=environment, check=False, capture_output=True)
    sprung = clean.sprung()
    subprocess.run(["git", "update-ref", "-d", "refs/heads/side"], cwd=clean.folder, env=environment, check=False)
    (clean.folder / ".git/HEAD").write_text("ref: refs/heads/main\n")
    assert {"core.fsmonitor", "filter._driver_.clean", "gpg.program", "hook-post-checkout"} <= set(sprung)
    assert {"companion", "diff.external"} & set(sprung)


def test_every_setting_of_this_git_is_tried():
    """An unknown setting counts as a program; `tests/support/git/settings.py` adds it."""
    assert set(UNKNOWN).isdisjoint(TABLE)
    assert len(TABLE) > 800
    assert {"core.fsmonitor", "diff.external", "alias.*", "core.hooksPath", "gpg.program"} <= set(PROGRAMS)
