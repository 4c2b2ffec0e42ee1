"""Files from mapped columns, with changes beside them, are those of the same records in memory."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from codekin.domain.values import Definition, FileRecord, Node, NodeKind
from codekin.engine.root.key_owners import KeyOwners
from codekin.searching.snapshot.blocks import FileBlock, ListedBlocks
from codekin.searching.snapshot.snapshot import SnapshotStores, build_view
from codekin.searching.snapshot.stored_files import StoredFiles, StoredRecords, write_stored
from codekin.searching.snapshot.text_cache import Texts
from codekin.storage import open_columns

LANGUAGES = ("python", "c", "")
NO_OVERLAY = np.empty(0, np.int64), np.empty((0, 0), np.float32)
NAMES = ("open", "Close", "größe", "KELVIN_K", "a_b", "retry")


def record(path, rng):
    nodes = [Node(rng.randrange(2**40), NodeKind.FILE, 0, 9)]
    for at in range(rng.randrange(4)):
        defined = tuple(Definition(name, "function", at) for name in rng.sample(NAMES, rng.randrange(3)))
        nodes.append(
            Node(
                rng.randrange(60),
                rng.choice([NodeKind.CODE, NodeKind.TEST]),
                at,
                at + 1,
                "s",
                rng.choice(["", "class", "function", "#12"]),
                defined,
            )
        )
    return FileRecord(
        path,
        rng.choice(LANGUAGES),
        rng.randrange(99),
        rng.randrange(-9, 2**62),
        rng.randbytes(rng.choice([0, 16])),
        tuple(nodes),
        rng.choice(["", "Ann", "Bo\udcff"]),
        rng.randrange(3),
        rng.choice(["", "a text"]),
        rng.choice([(), ("x", "y\udcff")]),
    )


def paths(rng, count):
    folders = ["", "src/", "src/tests/", "src0/", "src/\udcff/", "z/vendor/"]
    return {f"{rng.choice(folders)}f{rng.randrange(40)}.py" for _ in range(count)}


def mapped(folder, records):
    known = StoredRecords(None, frozenset(), records)
    write_stored(folder / "columns", known, generation=7, identity="me")
    return open_columns(folder / "columns")


def facts_of(blocks):
    facts = blocks.facts()
    languages = [facts.languages[place] for place in facts.language]
    authors = [facts.authors[place] for place in facts.author]
    return list(zip(languages, authors, facts.date.tolist(), facts.size_bytes.tolist(), strict=True))


@pytest.mark.parametrize("seed", range(30))
def test_like_the_records_themselves(tmp_path, seed, stores):
    rng = random.Random(seed)
    expected = {path: record(path, rng) for path in paths(rng, rng.randrange(30))}
    stored = StoredFiles(mapped(tmp_path, expected))
    for path in paths(rng, rng.randrange(9)):
        stored.forget(path)
        expected.pop(path, None)
    for path in paths(rng, rng.randrange(9)):
        expected[path] = record(path, rng)
        stored.write(expected[path])
    assert dict(stored.records()) == expected
    assert len(stored) == len(stored.records()) == len(expected)
    assert stored.node_count() == sum(len(item.nodes) for item in expected.values())
    assert stored.keys().tolist() == sorted({node.key for item in expected.values() for node in item.nodes})
    keys = np.array(sorted(rng.sample(range(60), 3)), np.int64)
    having = sorted(path for path, item in expected.items() if any(node.key in keys for node in item.nodes))
    assert KeyOwners.of(stored.blocks({}, ())).paths(keys) == having
    assert (
        stored.blocks({}, ()).words_of_names()
        >= ListedBlocks([FileBlock(item) for item in expected.values()]).words_of_names()
    )
    undated = sorted(path for path, item in expected.items() if not item.date)
    assert stored.records().undated() == undated
    assert all(stored.records().stamp(path) == (item.size_bytes, item.mtime_ns) for path, item in expected.items())

    typed = {path: FileBlock(record(path, rng), "text") for path in paths(rng, rng.randrange(4))}
    hidden = tuple(rng.sample(["src/", "src/tests/"], rng.randrange(3)))
    shown = {**{path: FileBlock(item) for path, item in expected.items()}, **typed}
    listed = ListedBlocks([shown[path] for path in sorted(shown) if not (hidden and path.startswith(hidden))])
    blocks = stored.blocks(typed, hidden)
    assert list(blocks.paths) == list(listed.paths)
    assert [block.record for block in blocks] == [block.record for block in listed]
    assert [block.text for block in blocks] == [block.text for block in listed]
    one, other = blocks.nodes(), listed.nodes()
    for name in ("first", "kind", "key", "keys"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
    embedder, vectors, lexical = stores
    view = build_view(Texts(""), blocks, SnapshotStores(embedder, vectors, lexical.view(), *NO_OVERLAY))
    marked = np.array([rng.random() < 0.3 for _ in one.keys], np.bool_)
    assert np.array_equal(view.having(marked), marked[one.key])
    assert np.array_equal(blocks.traits(), listed.traits())
    symbols, of_listed = blocks.symbol_kinds(), listed.symbol_kinds()
    listed_kinds = [of_listed.kinds[place] for place in of_listed.kind]
    assert [symbols.kinds[place] for place in symbols.kind] == listed_kinds
    assert listed_kinds == [node.symbol_kind for block in listed for node in block.nodes]
    assert facts_of(blocks) == [
        (item.language, item.author, item.date, item.size_bytes) for item in (b.record for b in listed)
    ]
    assert facts_of(listed) == facts_of(blocks)
    for part in ("f1", "src/", ".py", "sts/f", "", "\0", "/f3", "absent"):
        expected_files = [number for number, path in enumerate(listed.paths) if part in path.lower()]
        assert list(blocks.containing(part)) == list(listed.containing(part)) == expected_files
    for name in NAMES:
        assert blocks.names().defining(name) == listed.names().defining(name)
        assert list(blocks.names().containing(name[1:3])) == list(listed.names().containing(name[1:3]))


def test_records_are_replaced_as_in_a_dictionary(tmp_path):
    rng = random.Random(1)
    expected = {path: record(path, rng) for path in paths(rng, 20)}
    known = StoredFiles(mapped(tmp_path, expected)).records()
    new = [record(path, rng) for path in (min(expected), "other.py")]
    gone = sorted(expected)[3:5]
    after = known.changed(new, gone)
    for path in gone:
        del expected[path]
    expected.update((item.path, item) for item in new)
    assert dict(after) == expected
    assert len(after) == len(expected)
    assert gone[0] in known


def test_a_damaged_or_missing_file_is_no_columns(tmp_path):
    rng = random.Random(1)
    mapped(tmp_path, {path: record(path, rng) for path in paths(rng, 20)})
    file = tmp_path / "columns"
    whole = file.read_bytes()
    for at in range(0, len(whole), max(1, len(whole) // 50)):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        columns = open_columns(file)
        assert columns is None or len(columns)  # padding is in no checksum
    file.write_bytes(whole[: len(whole) // 2])
    assert open_columns(file) is None
    file.unlink()
    assert open_columns(file) is None


def test_columns_of_an_earlier_version_answer_the_same(tmp_path):
    rng = random.Random(1)
    given = {path: record(path, rng) for path in paths(rng, 20)}
    columns = mapped(tmp_path, given)
    later = ("symbol_kind", "symbol_kinds", "name_beginnings", "words")
    earlier = replace(columns, arrays={name: array for name, array in columns.arrays.items() if name not in later})
    one, other = (StoredFiles(each).blocks({}, ()) for each in (columns, earlier))
    kinds = [[each.kinds[place] for place in each.kind] for each in (one.symbol_kinds(), other.symbol_kinds())]
    assert kinds[0] == kinds[1] == [node.symbol_kind for path in sorted(given) for node in given[path].nodes]
    assert one.words_of_names() == other.words_of_names() != frozenset()
    assert np.array_equal(columns.name_beginnings.bits, earlier.name_beginnings.bits)
