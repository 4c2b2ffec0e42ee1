"""Which nodes are looked at more closely: the nearest by meaning, to either model, the best by words, and the definitions
asked for.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from codekin.domain.ports import Embedder, Hits, Keys, Mask, Vectors, VectorStore
from codekin.domain.search import Mode
from codekin.domain.values import Definition, Node
from codekin.errors import CancelledError
from codekin.searching.filters import allowed_keys
from codekin.searching.fusing import fused
from codekin.searching.query import Query, bare_name, qualifiers
from codekin.searching.view import Ints, SearchView
from codekin.storage import terms_of

DEPTH = 400
"""Nodes taken from each source; deeper brought nothing on the development set."""

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Candidates:
    """`nodes` ascending, each once. `dense` is the cosine (where the deep model has a vector, `fused` with its), `lexical` the BM25 score (0 beyond the depth), `defines` how
    exactly the node defines a name of the query: 1 exact, 0.9 but for letter case, less where the scope does not match.
    """

    view: SearchView
    nodes: Ints
    dense: Floats
    lexical: Floats
    defines: Floats


def gather(view: SearchView, query: Query, mode: Mode, mask: Mask | None, cancel: threading.Event | None) -> Candidates:
    """All candidates of one view, within the mask. Raises CancelledError, EmbedderError."""
    allowed = None if mask is None else allowed_keys(view, mask)
    backing = view.backing
    vector = _query_vector(backing.embedder, query.text) if mode != "lexical" else None
    deep = backing.deep if mode != "lexical" and backing.deep and len(backing.deep.vectors) else None
    deep_vector = _query_vector(deep.embedder, query.text) if deep else None
    check(cancel)
    dense = _nearest(view, vector, allowed) if vector is not None else _no_hits()
    deeper = _among(view, deep.vectors, deep_vector, allowed) if deep and deep_vector is not None else _no_hits()
    check(cancel)
    lexical = backing.lexical.search(terms_of(query.text), DEPTH, allowed) if mode != "semantic" else _no_hits()
    check(cancel)
    defined = _definitions(view, query) if mode != "semantic" else {}

    dense_nodes, _ = view.locate(np.concatenate([dense.keys, deeper.keys]))
    lexical_nodes, which = view.locate(lexical.keys)
    nodes = np.unique(np.concatenate([dense_nodes, lexical_nodes, np.array(list(defined), dtype=np.int32)]))
    if mask is not None:
        nodes = nodes[mask[nodes]]
    near = cosines(view, nodes, vector)
    if deep and deep_vector is not None:
        near = fused(near, *_deep_cosines(view, deep.vectors, nodes, deep_vector))
    return Candidates(
        view=view,
        nodes=nodes,
        dense=near,
        lexical=_spread(len(view.node_file), lexical_nodes, lexical.scores[which])[nodes],
        defines=np.array([defined.get(node, 0.0) for node in nodes.tolist()], dtype=np.float32),
    )


def check(cancel: threading.Event | None) -> None:
    """Raises CancelledError once the caller has lost interest."""
    if cancel is not None and cancel.is_set():
        raise CancelledError("The search was cancelled.")


def cosines(view: SearchView, nodes: Ints, vector: Vectors | None) -> Floats:
    """Exact cosine of each node with a unit vector; 0 where the node's vector is not there yet."""
    if vector is None or not len(nodes):
        return np.zeros(len(nodes), dtype=np.float32)
    keys = view.keys[view.node_key[nodes]]
    found, rows = view.backing.vectors.get(keys)
    result: Floats = (rows @ vector).astype(np.float32)
    backing = view.backing
    if len(backing.overlay_keys):
        slots = np.minimum(np.searchsorted(backing.overlay_keys, keys), len(backing.overlay_keys) - 1)
        overlaid = ~found & (backing.overlay_keys[slots] == keys)
        result[overlaid] = backing.overlay_rows[slots[overlaid]] @ vector
    return result


def _query_vector(embedder: Embedder, text: str) -> Vectors | None:
    """None for a text that the model knows nothing of."""
    vector = embedder.embed_query(text)
    return vector if vector.any() else None


def _deep_cosines(view: SearchView, vectors: VectorStore, nodes: Ints, vector: Vectors) -> tuple[Mask, Floats]:
    """(found, cosine) of each node."""
    found, rows = vectors.get(view.keys[view.node_key[nodes]])
    return found, (rows @ vector).astype(np.float32)


def _among(view: SearchView, vectors: VectorStore, vector: Vectors, allowed: Keys | None) -> Hits:
    # Rows of vanished content are still in the store and take up places: a few are asked for on top, many are masked.
    surplus = max(0, len(vectors) - len(view.keys))
    if allowed is None and surplus > DEPTH:
        allowed = view.keys
    return vectors.search(vector, DEPTH + min(surplus, DEPTH), allowed)


def _nearest(view: SearchView, vector: Vectors, allowed: Keys | None) -> Hits:
    backing = view.backing
    hits = _among(view, backing.vectors, vector, allowed)
    if not len(backing.overlay_keys):
        return hits
    keys = np.concatenate([hits.keys, backing.overlay_keys])
    scores = np.concatenate([hits.scores, backing.overlay_rows @ vector])
    return Hits(keys, scores)


def _definitions(view: SearchView, query: Query) -> dict[int, float]:
    found: dict[int, float] = {}
    for identifier in query.identifiers:
        name, scope = bare_name(identifier), qualifiers(identifier)
        for path in view.definitions.get(name.lower(), frozenset()):
            file = view.file_of_path.get(path)
            if file is None:
                continue
            first = int(view.first_node[file])
            for offset, node in enumerate(view.blocks[file].record.nodes):
                strength = max((_strength(node, item, name, scope) for item in node.definitions), default=0.0)
                if strength:
                    found[first + offset] = max(strength, found.get(first + offset, 0.0))
    return found


def _strength(node: Node, definition: Definition, name: str, scope: tuple[str, ...]) -> float:
    if definition.name.lower() != name.lower():
        return 0.0
    strength = 1.0 if definition.name == name else 0.9
    if scope and not set(scope) & set(node.symbol.lower().replace("::", ".").split(".")):
        strength -= 0.5
    return strength


def _spread(size: int, positions: Ints, values: Floats) -> Floats:
    result = np.zeros(size, dtype=np.float32)
    np.maximum.at(result, positions, values)
    return result


def _no_hits() -> Hits:
    return Hits(np.empty(0, np.int64), np.empty(0, np.float32))
