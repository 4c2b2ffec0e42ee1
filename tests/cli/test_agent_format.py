"""Answers for a model on the command line: form, budget, environment, tasks of a shell."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from codekin.answers import count_tokens
from codekin.cli.workspaces import workspace_of
from codekin.config import load_config
from support.commands import run_codekin
from support.waiting import wait_until

CARRIERS = "api/parcelpost/carriers.py"


@pytest.fixture
def codekin(sample):
    def run(*arguments, **environment):
        return run_codekin(*arguments, cwd=sample, **environment)

    return run


def test_a_shell_agent_walks_from_a_question_to_the_uses(codekin, sample):
    found = codekin("search", "where do we retry a carrier?", "--format", "agent", "--max-tokens", "600")
    assert (found.returncode, found.stderr) == (0, "")
    assert count_tokens(found.stdout.rstrip("\n")) <= 600
    first, second, *_ = found.stdout.splitlines()
    assert first.startswith(f"{sample}; index current")
    assert second == f"{CARRIERS}:11-24 call_with_retry"
    whole = codekin("expand", f"{CARRIERS}:14", "--max-tokens", "400").stdout
    assert "delay_s = min(delay_s * 2, longest_delay_s)" in whole
    assert codekin("outline", CARRIERS).stdout.splitlines()[1].startswith("11-")
    related = codekin("related", f"{CARRIERS}:14", "--format", "agent", "--max-tokens", "300").stdout
    assert "api/tests/test_carriers.py" in related
    uses = codekin("references", "call_with_retry").stdout
    assert f"{CARRIERS}:11 call_with_retry (definition)" in uses


def test_the_environment_chooses_the_form(codekin):
    by_variable = codekin("search", "retry", "--max-tokens", "300", CODEKIN_FORMAT="agent").stdout
    assert by_variable == codekin("search", "retry", "--max-tokens", "300", "--format", "agent").stdout
    people = codekin("search", "retry", "--format", "text", CODEKIN_FORMAT="agent").stdout
    assert people == codekin("search", "retry").stdout
    assert json.loads(codekin("search", "retry", "--json", CODEKIN_FORMAT="agent").stdout)["results"]
    assert json.loads(codekin("search", "retry", "--format", "json").stdout)["results"]


def test_an_answer_is_continued_by_its_offset(codekin):
    first = codekin("search", "parcel", "--format", "agent", "--max-tokens", "200", "--detail", "places").stdout
    last = first.splitlines()[-1]
    assert " more: --offset " in last
    offset = last.rpartition(" ")[2]
    options = ("--format", "agent", "--max-tokens", "200", "--detail", "places", "--offset", offset)
    following = codekin("search", "parcel", *options).stdout
    assert following.splitlines()[0] == first.splitlines()[0]
    assert not set(following.splitlines()[1:-1]) & set(first.splitlines()[1:-1])


def test_nothing_found_and_mistakes(codekin):
    nothing = codekin("references", "no_such_name_anywhere")
    assert (nothing.returncode, "0 definitions, 0 uses in 0 files" in nothing.stdout) == (1, True)
    assert codekin("search", "x", "--format", "agent", "--max-tokens", "1").returncode == 2
    excluded = codekin("expand", "build/bundle.js")
    assert excluded.returncode == 2
    assert "is not indexed: ignored by .gitignore" in excluded.stderr
    past = codekin("search", "retry", "--format", "agent", "--offset", "998")
    assert past.returncode == 2
    assert "There is nothing after place" in past.stderr


def test_a_hook_returns_at_once_and_the_index_is_brought_up_to_date(codekin, sample):
    begun = codekin("index", "--background", ".")
    assert (begun.returncode, begun.stdout, begun.stderr) == (0, "", "")

    def indexed():
        return json.loads(codekin("status", "--json").stdout)["files"]

    wait_until(lambda: indexed() > 30)
    wrong = codekin("index", "--background", CODEKIN_MAX_FILE_BYTES="1")
    assert wrong.returncode == 2
    assert "max_file_bytes" in wrong.stderr.lower()


def test_an_agent_in_a_folder_of_a_repository_asks_about_the_whole_of_it(sample, git):
    git(sample, "init")
    within = sample / "gateway/limits"

    def codekin(*arguments):
        return run_codekin(*arguments, cwd=within)

    found = codekin("search", "call_with_retry", "--format", "agent", "--max-tokens", "300").stdout
    assert found.startswith(f"{sample}; index current")
    assert f"{CARRIERS}:11-24 call_with_retry" in found
    for place in (f"{CARRIERS}:14", f"../../{CARRIERS}:14"):  # as in the answer, or as the shell completes it
        assert f"{CARRIERS}:11-24 call_with_retry" in codekin("expand", place).stdout
    assert "api/tests/test_carriers.py" in codekin("related", f"{CARRIERS}:14", "--format", "agent").stdout
    assert "call_with_retry: 1 definition" in codekin("references", "call_with_retry").stdout
    assert codekin("outline", CARRIERS).stdout == codekin("outline", f"../../{CARRIERS}").stdout != ""
    people = json.loads(codekin("search", "call_with_retry", "--json").stdout)["results"]
    assert not [item for item in people if item["path"].endswith("carriers.py")]
    wrong = codekin("expand", "no/such.py:1")
    assert wrong.returncode == 2
    assert f"To fix: pass its path relative to {sample}." in wrong.stderr


def test_the_workspace_is_the_highest_indexed_folder_of_the_work_tree(tmp_path, git, monkeypatch):
    within = tmp_path / "repository/packages/one"
    within.mkdir(parents=True)
    config = load_config()
    assert workspace_of(config, within) == within  # no repository
    git(tmp_path / "repository", "init")
    assert workspace_of(config, within) == tmp_path / "repository"

    def index(folder):
        (folder / "a.py").write_text("x = 1\n")
        run_codekin("index", folder, check=True)

    index(within)
    assert workspace_of(config, within) == within
    index(tmp_path / "repository")
    assert workspace_of(config, within) == tmp_path / "repository"
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "repository")
    assert workspace_of(config, within) == within
