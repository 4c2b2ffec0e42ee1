"""Which nodes are looked at more closely: the nearest by meaning, to either model, the best by words, and the definitions
asked for.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from contextlib import nullcontext
from dataclasses import dataclass
from functools import lru_cache
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from codekin.domain.ports import Embedder, Hits, Keys, Mask, Vectors, VectorStore
from codekin.domain.search import Mode
from codekin.domain.values import Definition, Node
from codekin.domain.words import bare_name, qualifiers
from codekin.embedding import similar_words
from codekin.errors import CancelledError
from codekin.searching.query.parsing import Query, QueryKind
from codekin.searching.ranking.timing import Observer, timed, unobserved
from codekin.searching.snapshot.filtering import allowed_keys
from codekin.searching.snapshot.snapshot import FILE_KIND, Ints, Snapshot
from codekin.storage import TWO_STAGE_ROWS, LexicalView, stem, term_id, terms_of

DEPTH = 400
"""Nodes taken from each source; deeper brought nothing on the development set."""

_QUERIES_KEPT = 8
_FEEDBACK_CHUNKS = 5
_FEEDBACK_SHARE = 0.5
_KIN_COMMON_SHARE = 0.3
"""Kin of words in more than this share of all chunks only blur."""

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Candidates:
    """`nodes` ascending, each once, the node of each file among them (a commit has none). `dense` is the cosine, `deep` that of
    the deep model (NaN where it has read nothing, None where it is off), `lexical` the BM25 score (0 beyond the depth);
    `feedback` the cosine with the query moved towards the best chunks, `kin` the BM25 score for words used like those of the query (both 0 for symbols
    and paths); `defines` how exactly the node defines a name of the query: 1 exact, 0.9 but for letter case, less where the
    scope does not match. `mask` is that of the filters, over all nodes of the view.
    """

    view: Snapshot
    nodes: Ints
    dense: Floats
    deep: Floats | None
    feedback: Floats
    lexical: Floats
    kin: Floats
    defines: Floats
    mask: Mask | None = None


def gather(
    view: Snapshot,
    query: Query,
    mode: Mode,
    mask: Mask | None,
    cancel: threading.Event | None,
    observe: Observer = unobserved,
    lexical: LexicalView | None = None,
) -> Candidates:
    """All candidates of one view, within the mask; by words in `lexical`, where that is not the view's own postings alone. Raises
    CancelledError, EmbedderError.
    """
    lexical = lexical or view.backing.lexical
    found = retrieve(view, query, mode, mask, cancel, observe, lexical)
    check(cancel)
    marks = found.marks[view.node_key]
    defined = _definitions(view, query, marks) if mode != "semantic" else {}
    marks[list(defined)] = True
    if mask is not None:
        marks &= mask
    # A file is judged by its own node too, even where a filter hides that node: it is shown only where nothing else is.
    files = np.zeros(len(view.blocks), np.bool_)
    files[view.node_file[np.flatnonzero(marks)]] = True
    first = view.first_node[np.flatnonzero(files)]
    marks[first[view.node_kind[first] == FILE_KIND]] = True
    nodes = np.flatnonzero(marks).astype(np.int32)
    vector, words = found.vector, found.words[view.node_key[nodes]]
    rows = vectors_of(view, nodes) if vector is not None else None
    nearness = np.zeros(len(nodes), np.float32) if rows is None or vector is None else np.vecdot(rows, vector)
    prose = query.kind in (QueryKind.PROSE, QueryKind.MIXED)
    defines = np.zeros(len(nodes), np.float32)
    for node, strength in defined.items():
        if marks[node]:
            defines[np.searchsorted(nodes, node)] = strength
    return Candidates(
        view=view,
        nodes=nodes,
        dense=nearness,
        deep=_deep_cosines(view, nodes, found.deep_vector),
        feedback=_feedback(view, nodes, rows, vector, nearness, words) if prose else np.zeros_like(nearness),
        lexical=words,
        kin=_kin(lexical, view.keys[view.node_key[nodes]], query)
        if prose and mode != "semantic"
        else np.zeros_like(nearness),
        defines=defines,
        mask=mask,
    )


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What the stores found: by place in the view's keys, whether it was (`marks`) and its BM25 score (`words`, 0 beyond the
    depth). The query's vectors are None where a model knows nothing of it or is not asked.
    """

    marks: npt.NDArray[np.bool_]
    words: Floats
    vector: Vectors | None
    deep_vector: Vectors | None


def retrieve(
    view: Snapshot,
    query: Query,
    mode: Mode,
    mask: Mask | None,
    cancel: threading.Event | None,
    observe: Observer,
    lexical: LexicalView,
) -> Retrieved:
    """The nearest by either model and the best by words, of the keys that nodes within the mask bear. Raises CancelledError,
    EmbedderError.
    """
    allowed = None if mask is None else allowed_keys(view, mask)
    vector = _query_vector(view.backing.embedder, query.text) if mode != "lexical" else None
    # The deep model reads files alone.
    deep = None if view.of_records or mode == "lexical" else view.backing.deep
    deep_vector = _query_vector(deep.embedder, query.text) if deep and len(deep.vectors) else None
    check(cancel)
    marks, words = np.zeros(len(view.keys), np.bool_), np.zeros(len(view.keys), np.float32)
    with timed(observe) if vector is not None else nullcontext():
        if vector is not None:
            marks[_nearest(view, vector, allowed)] = True
        if deep and deep_vector is not None:
            marks[view.places(search_live(view, deep.vectors, deep_vector, DEPTH, allowed).keys)[0]] = True
    check(cancel)
    if mode != "semantic":
        hits = lexical.search(terms_of(query.text), DEPTH, allowed)
        places, known = view.places(hits.keys)
        marks[places] = True
        # Best last: a chunk that is stored and in an unsaved buffer as well counts by its better score.
        words[places[::-1]] = hits.scores[known][::-1]
    return Retrieved(marks, words, vector, deep_vector)


def check(cancel: threading.Event | None) -> None:
    """Raises CancelledError once the caller has lost interest."""
    if cancel is not None and cancel.is_set():
        raise CancelledError("The search was cancelled.")


def vectors_of(view: Snapshot, nodes: Ints) -> Vectors:
    """float32 (n, dim): the vector of each node; zeros where it is not there yet."""
    backing = view.backing
    keys = view.keys[view.node_key[nodes]]
    found, rows = backing.vectors.get(keys)
    if len(backing.overlay_keys):
        slots = np.minimum(np.searchsorted(backing.overlay_keys, keys), len(backing.overlay_keys) - 1)
        overlaid = ~found & (backing.overlay_keys[slots] == keys)
        rows[overlaid] = backing.overlay_rows[slots[overlaid]]
    return rows


def search_live(view: Snapshot, vectors: VectorStore, vector: Vectors, depth: int, allowed: Keys | None) -> Hits:
    """The `depth` nearest keys of the view that the store holds, and no more, whatever else it holds.

    Rows of vanished content and of other views take up places in the store's answer. A few are made up for by asking for
    that many more; many are masked. The surplus is cut off either way: signals are divided by the best of all candidates,
    so an answer would otherwise depend on how the index came about.
    """
    surplus = max(0, len(vectors) - len(view.keys))
    if allowed is None and surplus and (surplus > DEPTH or len(vectors) > TWO_STAGE_ROWS):
        allowed = view.keys
    if allowed is not None:
        return vectors.search(vector, depth, allowed)
    hits = vectors.search(vector, depth + surplus)
    if not surplus:
        return hits
    known = view.places(hits.keys)[1][:depth]
    return Hits(hits.keys[known], hits.scores[known])


def _feedback(
    view: Snapshot, nodes: Ints, rows: Vectors | None, vector: Vectors | None, dense: Floats, lexical: Floats
) -> Floats:
    """Cosines with the query's vector after half of the mean of the best chunks was added: pseudo-relevance feedback as in
    Rocchio, "Relevance Feedback in Information Retrieval" (1971).
    """
    chunks = np.flatnonzero(view.node_kind[nodes] != FILE_KIND)
    if rows is None or vector is None or not len(chunks):
        return np.zeros(len(nodes), np.float32)
    match = dense / max(float(dense.max()), 1e-9) + lexical / max(float(lexical.max()), 1e-9)
    best = chunks[np.argsort(-match[chunks], kind="stable")[:_FEEDBACK_CHUNKS]]
    centre = rows[best].mean(axis=0)
    moved = vector + _FEEDBACK_SHARE * centre / max(float(np.linalg.norm(centre)), 1e-9)
    result: Floats = np.vecdot(rows, (moved / np.linalg.norm(moved)).astype(np.float32))
    return result


def _kin(lexical: LexicalView, keys: Keys, query: Query) -> Floats:
    asked = {stem(word) for word in query.words}
    weights: dict[int, float] = {}
    for word in query.asked:
        for other, term, weight in _kin_terms(word):
            if other not in asked:
                weights[term] = max(weights.get(term, 0.0), weight)
    return lexical.score(keys, weights, _KIN_COMMON_SHARE)


@lru_cache(maxsize=1_000)
def _kin_terms(word: str) -> list[tuple[str, int, float]]:
    """(stem, term, weight) of each word used alike."""
    stems = [(stem(other), cosine) for other, cosine in similar_words().of(word)]
    return [(other, term_id(other), cosine * cosine) for other, cosine in stems]


_QUERY_VECTORS: WeakKeyDictionary[Embedder, OrderedDict[str, Vectors]] = WeakKeyDictionary()
"""Of each model the latest queries. Held weakly: a model may be tens of megabytes, and its engine may be closed."""
_QUERY_VECTORS_LOCK = threading.Lock()


def _query_vector(embedder: Embedder, text: str) -> Vectors | None:
    """None for a text that the model knows nothing of. Kept, because each view of each root asks for it."""
    with _QUERY_VECTORS_LOCK:
        vector = _QUERY_VECTORS.setdefault(embedder, OrderedDict()).get(text)
    if vector is None:
        vector = np.array(embedder.embed_query(text))
        vector.flags.writeable = False  # stores remember what they found out about a query that stays as it is
        with _QUERY_VECTORS_LOCK:
            kept = _QUERY_VECTORS.setdefault(embedder, OrderedDict())
            kept[text] = vector
            while len(kept) > _QUERIES_KEPT:
                kept.popitem(last=False)
    return vector if vector.any() else None


def _deep_cosines(view: Snapshot, nodes: Ints, vector: Vectors | None) -> Floats | None:
    """NaN where there is no vector; None without the model."""
    if vector is None or view.backing.deep is None:
        return None
    found, rows = view.backing.deep.vectors.get(view.keys[view.node_key[nodes]])
    cosines: Floats = np.vecdot(rows, vector)
    cosines[~found] = np.nan
    return cosines


def _nearest(view: Snapshot, vector: Vectors, allowed: Keys | None) -> npt.NDArray[np.intp]:
    """Places in the view's keys of what is nearest, unsaved buffers included; all of a small view."""
    backing = view.backing
    if len(view.keys) <= DEPTH:  # then all are
        near = np.flatnonzero(backing.vectors.contains(view.keys))
        return np.concatenate((near, view.places(backing.overlay_keys)[0])) if len(backing.overlay_keys) else near
    hits = search_live(view, backing.vectors, vector, DEPTH, allowed)
    return view.places(_with_overlay(view, vector, hits, allowed) if len(backing.overlay_keys) else hits.keys)[0]


def _with_overlay(view: Snapshot, vector: Vectors, hits: Hits, allowed: Keys | None) -> Keys:
    """The nearest DEPTH keys of the store's hits and of unsaved buffers together, as if the buffers were stored."""
    backing = view.backing
    usable = view.places(backing.overlay_keys)[1]
    if allowed is not None:
        usable = usable[np.isin(backing.overlay_keys[usable], allowed)]
    fresh = usable[~np.isin(backing.overlay_keys[usable], hits.keys)]
    keys = np.concatenate((hits.keys, backing.overlay_keys[fresh]))
    scores = np.concatenate((hits.scores, np.vecdot(backing.overlay_rows[fresh], vector)))
    return keys[np.lexsort((keys, -scores))[:DEPTH]]


def _definitions(view: Snapshot, query: Query, found: Mask) -> dict[int, float]:
    """A name that more files define than are looked at finds nothing by itself: only files found otherwise are checked."""
    strengths: dict[int, float] = {}
    for identifier in query.identifiers:
        name, scope = bare_name(identifier), qualifiers(identifier)
        files = view.definitions.defining(name)
        if len(files) > DEPTH:
            files = np.intersect1d(files, view.node_file[np.flatnonzero(found)]).tolist()
        for file in files:
            first = int(view.first_node[file])
            for offset, node in view.blocks[file].nodes.naming(name):
                strength = max((_strength(node, item, name, scope) for item in node.definitions), default=0.0)
                if strength:
                    strengths[first + offset] = max(strength, strengths.get(first + offset, 0.0))
    return strengths


def _strength(node: Node, definition: Definition, name: str, scope: tuple[str, ...]) -> float:
    if name.lower() not in (definition.name.lower(), bare_name(definition.name).lower()):
        return 0.0
    strength = 1.0 if name in (definition.name, bare_name(definition.name)) else 0.9
    if scope and not set(scope) & set(node.symbol.lower().replace("::", ".").split(".")):
        strength -= 0.5
    return strength
