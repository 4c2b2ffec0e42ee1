"""Reading single files, and how bursts become batches."""

from __future__ import annotations

import os

import pytest

from codekin.domain.values import FileChange, FileEvent, Skipped
from codekin.files import Source, read_source
from codekin.watching.debounce import Debounce


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"plain\r\ntext\n", "plain\r\ntext\n"),
        ("\ufeffwith a mark".encode(), "with a mark"),
        ("sixteen".encode("utf-16"), "sixteen"),
        ("caf\xe9".encode("latin-1"), "café"),
        (b"", ""),
    ],
)
def test_texts_are_decoded(tmp_path, data, expected):
    (tmp_path / "a.txt").write_bytes(data)
    source = read_source(tmp_path, "a.txt", 1_000)
    assert isinstance(source, Source)
    assert source.text == expected
    assert source.size_bytes == len(data)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"a\0b", "binary"),
        (bytes(range(1, 32)) * 9 + b"\xff", "binary"),
        (b"x" * 2_000, "larger than"),
        (b"\xff\xfea", "binary"),
    ],
)
def test_what_is_no_text_is_skipped(tmp_path, data, reason):
    (tmp_path / "a").write_bytes(data)
    skipped = read_source(tmp_path, "a", 1_000)
    assert isinstance(skipped, Skipped)
    assert reason in skipped.reason


def test_what_cannot_be_opened_is_skipped(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "out").symlink_to("/etc/hostname")
    reasons = [read_source(tmp_path, name, 1_000).reason for name in ("pipe", "folder", "out", "gone")]
    assert "regular" in reasons[0]
    assert "regular" in reasons[1] or "directory" in reasons[1]
    assert "outside the workspace" in reasons[2]
    assert "deleted" in reasons[3]


@pytest.mark.parametrize("path", ["a\0b", "half\ud800"])
def test_a_path_that_no_file_can_have_is_skipped(tmp_path, path):
    skipped = read_source(tmp_path, path, 1_000)
    assert isinstance(skipped, Skipped)
    assert skipped.reason == "name is not valid text"
    assert skipped.path.encode("utf-8")


def test_bursts_become_one_batch_and_the_latest_wins():
    now = [0.0]
    debounce = Debounce(100, clock=lambda: now[0])
    assert debounce.due_in_s() is None
    debounce.add("a", FileChange.CHANGED)
    debounce.add("b", FileChange.CHANGED)
    now[0] = 0.09
    debounce.add("a", FileChange.DELETED)
    now[0] = 0.1
    assert debounce.due_in_s() == pytest.approx(0.09)
    now[0] = 0.2
    assert debounce.due_in_s() == 0.0
    assert list(debounce.take()) == [FileEvent("b", FileChange.CHANGED), FileEvent("a", FileChange.DELETED)]
    assert debounce.due_in_s() is None


def test_a_stream_that_never_rests_still_gets_through():
    now = [0.0]
    debounce = Debounce(100, clock=lambda: now[0])
    for step in range(40):
        now[0] = step * 0.05
        if debounce.due_in_s() == 0.0:
            break
        debounce.add("a", FileChange.CHANGED)
    assert now[0] <= 1.05


def test_file_that_grows_while_it_is_read_is_read_whole(tmp_path, monkeypatch):
    file = tmp_path / "log.txt"
    file.write_text("early\n")
    looked_at = os.fstat

    def grows(descriptor):
        status = looked_at(descriptor)
        file.write_text("early\n" + "late\n" * 10)
        return status

    monkeypatch.setattr(os, "fstat", grows)
    assert read_source(tmp_path, "log.txt", 1_000).text == "early\n" + "late\n" * 10
    file.write_text("early\n")
    assert "larger than" in read_source(tmp_path, "log.txt", 8).reason
