"""The collector of cycles rests while a batch is made, and no longer."""

from __future__ import annotations

import gc

import pytest

from codekin.indexing.collector import garbage_collection_paused


@pytest.fixture(autouse=True)
def as_before():
    was_on = gc.isenabled()
    yield
    (gc.enable if was_on else gc.disable)()


@pytest.mark.parametrize("was_on", [True, False])
def test_it_rests_within_and_is_afterwards_as_it_was(was_on):
    (gc.enable if was_on else gc.disable)()
    with garbage_collection_paused():
        assert not gc.isenabled()
    assert gc.isenabled() is was_on


def test_it_goes_on_after_a_batch_that_failed():
    gc.enable()
    with pytest.raises(OSError, match="full"), garbage_collection_paused():
        raise OSError("full")
    assert gc.isenabled()
