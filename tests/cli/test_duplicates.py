"""`codekin duplicates`."""

from __future__ import annotations

import json

import pytest

from support.commands import run_codekin

CARRIERS = "api/parcelpost/carriers.py"


@pytest.fixture
def copied(sample):
    text = (sample / CARRIERS).read_text()
    (sample / "api/parcelpost/copied.py").write_text(text)
    (sample / "api/parcelpost/changed.py").write_text(text.replace("attempts", "tries").replace("delay", "pause"))
    return sample


def found(folder, *arguments, **environment):
    done = run_codekin("duplicates", "--json", *arguments, cwd=folder, check=True, **environment)
    return json.loads(done.stdout)


def places_of(answer, symbol="call_with_retry"):
    group = next(group for group in answer["groups"] if group["places"][0]["symbol"] == symbol)
    return {place["path"]: place.get("reason") for place in group["places"]}


def test_groups_are_listed_with_their_places(copied):
    done = run_codekin("duplicates", cwd=copied, check=True)
    title, first, second = done.stdout.splitlines()[:3]
    assert "places" in title
    assert "lines" in title
    assert f"{CARRIERS}:" in done.stdout
    assert "the same text" in done.stdout
    assert first.startswith("      ")
    assert second.startswith("      ")


def test_json_has_the_groups_of_the_language_server(copied):
    answer = found(copied)
    assert set(answer) == {"groups", "total", "compared", "coverage", "reasons"}
    assert answer["coverage"]["complete"]
    assert places_of(answer)["api/parcelpost/copied.py"] == "the same text"


def test_the_threshold_is_an_option_or_a_setting(copied):
    assert "api/parcelpost/changed.py" in places_of(found(copied, "--threshold", "0.9"))
    exact = found(copied, "--threshold", "1")
    assert set(places_of(exact)) == {CARRIERS, "api/parcelpost/copied.py"}
    assert found(copied, CODEKIN_DUPLICATES_THRESHOLD="1") == exact


def test_filters_and_the_limit(copied):
    assert found(copied, "--path", "api/**")["compared"] < found(copied)["compared"]
    answer = found(copied, "--limit", "1")
    assert len(answer["groups"]) == 1 < answer["total"]


def test_nothing_found_and_bad_thresholds(sample):
    done = run_codekin("duplicates", "--path", "nowhere/**", cwd=sample)
    assert (done.returncode, done.stdout) == (1, "")
    assert "No duplicates." in done.stderr
    for text in ("0.5", "nan", "much"):
        assert run_codekin("duplicates", "--threshold", text, cwd=sample).returncode == 2
    done = run_codekin("duplicates", cwd=sample, CODEKIN_DUPLICATES_THRESHOLD="2")
    assert done.returncode == 2
    assert "CODEKIN_DUPLICATES_THRESHOLD" in done.stderr
