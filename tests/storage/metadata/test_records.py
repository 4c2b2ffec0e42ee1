"""Nodes packed into bytes are the same nodes, one by one and all together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codekin.domain.values import Definition, Node, NodeKind
from codekin.storage import KINDS, PackedNodes, pack_nodes
from codekin.storage.metadata.node_rows import from_row, to_row

texts = st.text(st.characters(), max_size=12)  # half surrogate pairs too: names come from any file
lines = st.integers(0, 2**31)
definitions = st.lists(st.builds(Definition, texts, texts, lines), max_size=3).map(tuple)
nodes = st.lists(
    st.builds(Node, st.integers(0, 2**63 - 1), st.sampled_from(NodeKind), lines, lines, texts, texts, definitions),
    max_size=6,
).map(tuple)


@given(nodes)
def test_packed_nodes_are_the_nodes(given_nodes):
    packed = PackedNodes(pack_nodes(given_nodes).data)
    assert packed == given_nodes
    assert given_nodes == packed
    assert hash(packed) == hash(given_nodes)
    assert [packed[at] for at in range(len(packed))] == list(given_nodes)
    assert [packed[-at] for at in range(1, len(packed) + 1)] == list(reversed(given_nodes))
    assert packed[1:3] == given_nodes[1:3]
    assert packed.keys.tolist() == [node.key for node in given_nodes]
    assert (packed.key_bytes, packed.kind_bytes) == (packed.keys.tobytes(), packed.kinds.tobytes())
    assert packed.defined() == {item.name for node in given_nodes for item in node.definitions}
    assert [KINDS[kind] for kind in packed.kinds] == [node.kind for node in given_nodes]
    assert pack_nodes(packed) is packed


@given(nodes, st.integers(0, 17))
def test_nodes_that_define_a_name_are_found(given_nodes, which):
    names = [item.name for node in given_nodes for item in node.definitions] or [""]
    name = names[which % len(names)].swapcase()
    wanted = {
        at for at, node in enumerate(given_nodes) if any(item.name.lower() == name.lower() for item in node.definitions)
    }
    found = dict(pack_nodes(given_nodes).naming(name))
    assert wanted <= found.keys()
    assert all(given_nodes[at] == node for at, node in found.items())


def test_nodes_that_cannot_define_a_name_are_left_alone():
    listed = [
        Node(at, NodeKind.CODE, at, at + 1, "", "", (Definition(name, "", at),))
        for at, name in enumerate("aXbKX\u212a")
    ]
    assert [at for at, _ in pack_nodes(listed).naming("x")] == [1, 4, 5]
    assert [at for at, _ in pack_nodes(listed).naming("k")] == [3, 5]


@given(nodes, st.data())
def test_a_changed_byte_is_noticed(given_nodes, data):
    packed = bytearray(pack_nodes(given_nodes).data)
    packed[data.draw(st.integers(0, len(packed) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(ValueError, match="nodes"):
        PackedNodes(bytes(packed))


@given(nodes, st.sampled_from([1, 30]))
def test_stored_nodes_are_the_nodes(given_nodes, times):
    many = given_nodes * times
    stored = to_row(many)
    assert from_row(stored) == many
    assert from_row(stored).data == pack_nodes(many).data
    assert from_row(pack_nodes(many).data) == many


@given(nodes.filter(bool), st.data())
def test_a_changed_byte_of_stored_nodes_is_noticed(given_nodes, data):
    stored = bytearray(to_row(given_nodes * 40))
    assert len(stored) < len(pack_nodes(given_nodes * 40).data)
    stored[data.draw(st.integers(0, len(stored) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(ValueError, match="nodes"):
        from_row(bytes(stored))
    with pytest.raises(ValueError, match="nodes"):
        from_row(bytes(stored[:15]))


def test_an_earlier_version_takes_no_compressed_nodes_for_its_own():
    stored = to_row([Node(at, NodeKind.CODE, at, at + 1) for at in range(100)])
    with pytest.raises(ValueError, match="checksum"):
        PackedNodes(stored)


@pytest.mark.parametrize("cut", [0, 3, 15])
def test_cut_bytes_are_noticed(cut):
    with pytest.raises(ValueError, match="truncated"):
        PackedNodes(pack_nodes(()).data[:cut])


def test_index_beyond_the_end():
    with pytest.raises(IndexError):
        pack_nodes(())[0]
