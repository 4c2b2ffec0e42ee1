"""An engine that runs for long: watching, buffers, followers, pausing, cancelling."""

from __future__ import annotations

import asyncio
import shutil
import threading

import pytest

from codekin.domain.search import Coverage, SearchRequest
from codekin.engine.root import writer_wait
from codekin.errors import CancelledError, SettingsError
from support.engines import open_engine, search_paths, until_ready
from support.waiting import DEADLINE_S, until


async def test_saved_created_renamed_and_deleted_files_are_noticed(sample):
    async with open_engine(sample, watch=True) as engine:
        assert not engine.coverage().complete
        await until_ready(engine)
        fresh = sample / "api/parcelpost/customs.py"

        async def first(query):
            found = await search_paths(engine, query)
            return found[0] if found else None

        fresh.write_text("def declare_customs_value(parcel):\n    return parcel.value\n")
        await until(lambda: _is(first("declare_customs_value"), "api/parcelpost/customs.py"))
        fresh.write_text("def estimate_import_duty(parcel):\n    return parcel.value * 2\n")
        await until(lambda: _is(first("estimate_import_duty"), "api/parcelpost/customs.py"))
        fresh.rename(fresh.with_name("duties.py"))
        await until(lambda: _is(first("estimate_import_duty"), "api/parcelpost/duties.py"))
        fresh.with_name("duties.py").unlink()

        async def gone():
            return "api/parcelpost/duties.py" not in await search_paths(engine, "estimate_import_duty", limit=100)

        await until(gone)


async def test_the_status_counts_the_files_of_a_branch_switch_and_ends(tmp_path):
    paths = [tmp_path / f"part_{number}.py" for number in range(1_200)]

    def check_out(branch, files):
        for path in files:
            path.write_text(f"def {path.stem}():\n    return {branch!r}\n")

    check_out("main", paths[:900])
    shown = []
    async with open_engine(tmp_path, watch=True) as engine:
        await until_ready(engine)
        engine.subscribe(lambda status: shown.append((status.state, status.coverage)))
        for path in paths[:100]:
            path.unlink()
        check_out("other", paths[500:])
        await until(lambda: shown and (shown[-1][0], shown[-1][1].indexed) == ("ready", 1_100))
    counted = [coverage for state, coverage in shown if state == "indexing"]
    assert len({coverage.indexed for coverage in counted if not coverage.complete}) >= 2, shown
    assert max(coverage.total - coverage.indexed for coverage in counted) > 300
    assert shown[-1][1] == Coverage(1_100, 1_100)


async def _is(answer, expected):
    return await answer == expected


async def test_new_folder_and_deleted_folder_are_noticed(sample):
    async with open_engine(sample, watch=True) as engine:
        await until_ready(engine)
        folder = sample / "depot" / "inner"
        folder.mkdir(parents=True)
        (folder / "scales.py").write_text("def tare_the_scales():\n    return 0\n")

        async def found():
            return "depot/inner/scales.py" in await search_paths(engine, "tare_the_scales")

        await until(found)
        (folder / "scales.py").unlink()
        folder.rmdir()
        (sample / "depot").rmdir()

        async def gone():
            return not await found()

        await until(gone)


async def test_ignore_file_takes_files_out(sample):
    async with open_engine(sample, watch=True) as engine:
        await until_ready(engine)
        (sample / "api" / ".gitignore").write_text("pricing.py\n")

        async def gone():
            return "api/parcelpost/pricing.py" not in await search_paths(engine, "quote_cents", limit=100)

        await until(gone)


async def test_unsaved_buffer_is_searchable_and_vanishes_when_closed(sample):
    file = sample / "api/parcelpost/settings.py"
    async with open_engine(sample) as engine:
        await engine.index()
        await engine.update_buffer(file, "def weigh_the_elephant():\n    return 5000\n")
        assert (await search_paths(engine, "weigh_the_elephant"))[0] == "api/parcelpost/settings.py"
        literal = await engine.search(SearchRequest("weigh_the_elephant", mode="literal"))
        assert "elephant" in literal.results[0].snippet
        assert "api/parcelpost/settings.py" not in await search_paths(engine, "load_settings", limit=1)
        await engine.close_buffer(file)
        assert (await search_paths(engine, "load_settings"))[0] == "api/parcelpost/settings.py"
        literal = await engine.search(SearchRequest("weigh_the_elephant", mode="literal"))
        assert not literal.results


async def test_second_engine_follows_and_takes_over(sample):
    async with open_engine(sample, watch=True) as writer:
        await until_ready(writer)
        async with open_engine(sample, watch=True) as reader:
            assert (writer.status().writer, reader.status().writer) == (True, False)
            (sample / "api/parcelpost/fresh.py").write_text("def freshly_squeezed():\n    return 1\n")

            async def followed():
                return "api/parcelpost/fresh.py" in await search_paths(reader, "freshly_squeezed")

            await until(followed)
            await reader.update_buffer(sample / "api/parcelpost/fresh.py", "def only_in_this_window():\n    return 1\n")
            assert "api/parcelpost/fresh.py" in await search_paths(reader, "only_in_this_window", limit=1)
            await writer.close()

            async def took_over():
                return reader.status().writer and reader.coverage().complete

            await until(took_over)
            (sample / "api/parcelpost/later.py").write_text("def later_alligator():\n    return 1\n")

            async def indexed():
                return "api/parcelpost/later.py" in await search_paths(reader, "later_alligator")

            await until(indexed)


async def test_paused_engine_answers_and_says_so(sample):
    async with open_engine(sample) as engine:
        await engine.index()
        await engine.pause()
        assert engine.status().state == "paused"
        assert (await engine.search(SearchRequest("retry"))).results
        await engine.resume()
        assert engine.status().state == "ready"


async def test_a_paused_writer_is_not_waited_for_without_end(sample, monkeypatch):
    monkeypatch.setattr(writer_wait, "PATIENCE_S", 0.5)
    async with open_engine(sample, watch=True) as writer:
        await writer.index()
        await writer.pause()
        (sample / "later.py").write_text("def later_alligator(): pass\n")
        async with open_engine(sample, watch=True) as follower:
            await until(lambda: not follower.coverage().complete)
            await asyncio.wait_for(follower.index(), DEADLINE_S)
            assert (await follower.search(SearchRequest("retry"))).results
            (reason,) = follower.status().reasons
            assert "has made no progress" in reason
            assert "resume indexing there" in reason
            await writer.resume()
            await until(lambda: not follower.status().reasons)


@pytest.mark.parametrize("mode", ["hybrid", "regex"])
async def test_cancelled_search_stops(sample, mode):
    async with open_engine(sample) as engine:
        await engine.index()
        cancel = threading.Event()
        cancel.set()
        with pytest.raises(CancelledError):
            await engine.search(SearchRequest("retry", mode=mode), cancel)


async def test_related_code_of_a_selection_is_that_of_its_text_and_not_of_its_function(tmp_path):
    (tmp_path / "mixed.py").write_text(
        "def handle(order, parcel):\n"
        "    total_price_cents = sum(line.price_cents for line in order.lines)\n"
        "    discounted_price_cents = total_price_cents * (100 - order.discount_percent) // 100\n"
        "    charge_credit_card(order.customer, discounted_price_cents)\n"
        "    latitude, longitude = geocode_address(parcel.street, parcel.city)\n"
        "    nearest_depot = closest_by_distance(latitude, longitude, all_depots())\n"
        "    parcel.route = shortest_path(nearest_depot, parcel.city)\n"
    )
    (tmp_path / "price.py").write_text(
        "def discount_price_cents(order, discount_percent):\n"
        "    total_price_cents = sum(line.price_cents for line in order.lines)\n"
        "    return total_price_cents * (100 - discount_percent) // 100\n"
    )
    (tmp_path / "place.py").write_text(
        "def closest_depot(street, city):\n"
        "    latitude, longitude = geocode_address(street, city)\n"
        "    return closest_by_distance(latitude, longitude, all_depots())\n"
    )
    async with open_engine(tmp_path, embedder="static") as engine:
        await engine.index()
        mixed = tmp_path / "mixed.py"
        prices = await engine.related(mixed, 1, 4)
        places = await engine.related(mixed, 4, 7)
        assert prices.results[0].path == "price.py"
        assert places.results[0].path == "place.py"


async def test_a_line_between_definitions_has_the_related_code_of_the_nearest(sample):
    async with open_engine(sample, embedder="static") as engine:
        await engine.index()
        path = sample / "api/parcelpost/carriers.py"
        blank = next(line for line, text in enumerate(path.read_text().split("\n")) if line > 6 and not text.strip())
        assert (await engine.related(path, blank, blank + 1)).results


async def test_a_file_that_is_not_indexed_has_a_reason_instead_of_related_code(sample, tmp_path):
    async with open_engine(sample, embedder="static", exclude=("*.go",), maxFileBytes=100_000) as engine:
        await engine.index()
        (sample / "large.py").write_text("x = 1\n" * 50_000)
        excluded = await engine.related(sample / "gateway/webhooks/queue.go", 1, 2)
        assert not excluded.results
        assert excluded.reasons[0].startswith("The file is not indexed:")
        large = await engine.related(sample / "large.py", 1, 2)
        assert "too large" in large.reasons[0]
        outside = await engine.related(tmp_path / "elsewhere.py", 1, 2)
        assert outside.reasons == ("The file is in none of the indexed folders.",)


async def test_related_code_comes_from_stored_vectors(sample):
    async with open_engine(sample, embedder="static") as engine:
        await engine.index()
        before = engine.status().computed
        response = await engine.related(sample / "api/parcelpost/carriers.py", 12, 25)
        assert response.results
        assert all(
            result.path != "api/parcelpost/carriers.py" or result.start_line > 25 or result.end_line <= 12
            for result in response.results
        )
        assert engine.status().computed == before


async def test_explain_parts_add_up_to_the_score(sample):
    async with open_engine(sample, embedder="static") as engine:
        await engine.index()
        request = SearchRequest("where is the retry logic?")
        found = await engine.explain(request, sample / "api/parcelpost/carriers.py")
        assert found.rank == 1
        assert sum(found.parts.values()) == pytest.approx(found.score)
        excluded = await engine.explain(request, sample / "build/bundle.js")
        assert "build" in excluded.reason


async def test_a_root_that_is_no_folder_is_refused(tmp_path):
    with pytest.raises(SettingsError, match="not a folder"):
        async with open_engine(tmp_path / "nowhere"):
            pass


async def test_a_word_is_as_rare_as_it_is_in_all_roots_together(tmp_path):
    big, small = tmp_path / "big", tmp_path / "small"
    big.mkdir()
    small.mkdir()
    for number in range(12):
        word = "missing" if number < 4 else "present"
        code = f'def {word}_{number}(which):\n    """Which are {word} on the {number}?"""\n    return [one for one in which if one]\n'
        (big / f"part_{number}.py").write_text(code)
    (small / "ledger.py").write_text(
        'def reconcile(entries, statement):\n    """Hold the entries of a ledger against the statement of the bank."""\n    return entries\n'
    )
    async with open_engine(big, small) as engine:
        await engine.index()
        question = SearchRequest("which entries are missing on the bank statement?", mode="lexical")
        found = (await engine.search(question)).results
    assert found[0].path == "ledger.py"
    assert found[0].score > 1.5 * found[1].score


async def test_two_roots_are_searched_together(sample, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "zebra.py").write_text("def count_zebra_stripes():\n    return 80\n")
    async with open_engine(sample, other) as engine:
        await engine.index()
        best = (await engine.search(SearchRequest("count_zebra_stripes"))).results[0]
        assert (best.root, best.path) == (str(other.resolve()), "zebra.py")
        await engine.remove_root(other)
        assert all(
            result.path != "zebra.py" for result in (await engine.search(SearchRequest("count_zebra_stripes"))).results
        )


async def test_a_folder_that_is_away_is_said_and_nothing_of_it_forgotten(sample):
    async with open_engine(sample, watch=True) as engine:
        await until_ready(engine)
        files = engine.status().files
        sample.rename(sample.with_name("away"))
        await until(lambda: engine.status().state == "degraded")
        assert "Could not read" in engine.status().reasons[0]
        assert "To fix:" in engine.status().reasons[0]
        assert engine.status().files == files
        assert await search_paths(engine, "retry")
        sample.with_name("away").rename(sample)
        await until(lambda: engine.status().state == "ready")
        assert engine.status().files == files


async def test_a_folder_that_takes_the_place_of_another_is_watched(sample):
    async with open_engine(sample, watch=True) as engine:
        await until_ready(engine)
        shutil.rmtree(sample)
        await until(lambda: engine.status().state == "degraded")
        (sample / "src").mkdir(parents=True)
        (sample / "src/other.py").write_text("def entirely_other():\n    return 1\n")
        await until(lambda: engine.status().state == "ready" and engine.status().files == 1)
        (sample / "src/later.py").write_text("def written_later():\n    return 2\n")
        await until(lambda: engine.status().files == 2)
        assert (await search_paths(engine, "written_later"))[0] == "src/later.py"


async def test_a_reader_of_an_index_that_nobody_has_filled_knows_that_it_knows_nothing(sample):
    async with open_engine(sample) as writer, open_engine(sample) as reader:
        assert (writer.status().writer, reader.status().writer) == (True, False)
        assert not reader.coverage().complete
        waiting = asyncio.create_task(reader.index())
        await asyncio.sleep(0)
        assert not waiting.done()
        await writer.index()
        await asyncio.wait_for(waiting, 60)
        assert reader.coverage().complete
        assert reader.status().files == writer.status().files > 20
        assert (await reader.search(SearchRequest("retry"))).results
