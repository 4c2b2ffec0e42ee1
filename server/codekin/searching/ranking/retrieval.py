"""Select the candidates: nearest by meaning, best by words, and definitions of names."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from codekin.domain.ports import Embedder, Hits, Keys, Mask, Vectors, VectorStore
from codekin.domain.search import Mode
from codekin.domain.values import Definition, Node
from codekin.domain.words import bare_name, qualifiers
from codekin.errors import CancelledError
from codekin.searching.query.parsing import Query, QueryKind
from codekin.searching.query.term_weights import weights_of_terms
from codekin.searching.query.wanted_roles import wanted_roles
from codekin.searching.ranking.entire_names import begun_names, entire_names
from codekin.searching.ranking.long_signals import Values, best_files, long_signals
from codekin.searching.ranking.path_signals import project_manifests
from codekin.searching.ranking.timing import Observer, timed, unobserved
from codekin.searching.snapshot.filtering import allowed_keys
from codekin.searching.snapshot.snapshot import FILE_KIND, Ints, Snapshot
from codekin.storage import TWO_STAGE_ROWS, LexicalView, terms_of

DEPTH = 400
"""Number of nodes taken from each source; more gained nothing on the development set."""

_QUERIES_KEPT = 8
_FEEDBACK_CHUNKS = 5
_FEEDBACK_SHARE = 0.5

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Candidates:
    """The candidate nodes of one view, with their retrieval scores.

    `nodes` are ascending and distinct and include the node of each file (commits have none). All
    arrays have one value per node:

    - `dense`: cosine with the query.
    - `deep`: cosine by the deep model, NaN if not covered; None if the model is off.
    - `feedback`: cosine with the query moved towards the best chunks; 0 for symbols and paths.
    - `lexical`: BM25 score, 0 beyond the depth.
    - `defines`: 1 if the node defines a name of the query exactly, 0.9 if only letter case differs,
      less if the scope does not match.
    - `exact`: 1 if the node defines a name that is the entire query, such as a heading; 0.9 if only
      letter case differs, and 0.5 if a name begins with it.

    `mask` is that of the filters, over all nodes of the view. A long query also has `title`, the
    same nodes with their scores for its first line, and `of_files`, the `long_signals` of all files
    (None if only meaning counts).
    """

    view: Snapshot
    nodes: Ints
    dense: Floats
    deep: Floats | None
    feedback: Floats
    lexical: Floats
    defines: Floats
    exact: Floats
    mask: Mask | None = None
    title: Candidates | None = None
    of_files: Values | None = None


def gather(
    view: Snapshot,
    query: Query,
    mode: Mode,
    mask: Mask | None,
    cancel: threading.Event | None,
    observe: Observer = unobserved,
    lexical: LexicalView | None = None,
) -> Candidates:
    """Return all candidates of one view within the mask.

    `lexical` replaces the view's own postings. Raises CancelledError, EmbedderError.
    """
    lexical = lexical or view.backing.lexical
    queries = (query,) if query.title is None else (query, query.title)
    is_long = query.kind is QueryKind.LONG
    found = [retrieve(view, one, mode, mask, cancel, observe, lexical, of_long_text=is_long) for one in queries]
    check(cancel)
    marks = view.having(np.logical_or.reduce([one.marks for one in found]))
    defined = [_definitions(view, one, marks) if mode != "semantic" else {} for one in queries]
    exact = _entire(view, query, lexical) if mode != "semantic" else {}
    marks[[node for one in (*defined, exact) for node in one]] = True
    of_files = long_signals(view, query) if query.title and mode != "semantic" else None
    if of_files is not None:
        marks[view.first_node[best_files(of_files)]] = True
    if None in wanted_roles(query) and mode != "semantic":
        for file in project_manifests(view.blocks.paths):
            marks[view.first_node[file] : view.first_node[file + 1]] = True
    if mask is not None:
        marks &= mask
    # The file's own node is a signal of the file even if a filter hides it.
    # It is shown only if the file has no other node to show.
    files = np.zeros(len(view.blocks), np.bool_)
    files[view.node_file[np.flatnonzero(marks)]] = True
    first = view.first_node[np.flatnonzero(files)]
    marks[first[view.node_kind[first] == FILE_KIND]] = True
    nodes = np.flatnonzero(marks).astype(np.int32)
    rows = vectors_of(view, nodes) if any(one.vector is not None for one in found) else None
    named = _by_node(nodes, exact)
    scored = [_scored(view, nodes, rows, *one, named, mask) for one in zip(queries, found, defined, strict=True)]
    return replace(scored[0], title=scored[1], of_files=of_files) if query.title else scored[0]


def _scored(
    view: Snapshot,
    nodes: Ints,
    rows: Vectors | None,
    query: Query,
    found: Retrieved,
    defined: Mapping[int, float],
    exact: Floats,
    mask: Mask | None,
) -> Candidates:
    """Return the candidates with their scores for one query."""
    vector, words = found.vector, found.words[view.node_key[nodes]]
    nearness = np.zeros(len(nodes), np.float32) if rows is None or vector is None else np.vecdot(rows, vector)
    prose = query.kind in (QueryKind.PROSE, QueryKind.MIXED, QueryKind.LONG)
    return Candidates(
        view=view,
        nodes=nodes,
        dense=nearness,
        deep=_deep_cosines(view, nodes, found.deep_vector),
        feedback=_feedback(view, nodes, rows, vector, nearness, words) if prose else np.zeros_like(nearness),
        lexical=words,
        defines=_by_node(nodes, defined),
        exact=exact,
        mask=mask,
    )


def _entire(view: Snapshot, query: Query, lexical: LexicalView) -> dict[int, float]:
    """Return nodes that define the entire query, or its beginning if the index lacks the word."""
    if found := entire_names(view, query, DEPTH):
        return found
    # The last term of a name is the whole of it.
    known = query.kind is QueryKind.LONG or any(lexical.idfs(terms_of(query.text)[-1:]))
    return {} if known else begun_names(view, query, DEPTH)


def _by_node(nodes: Ints, values: Mapping[int, float]) -> Floats:
    """Return the value of each of the ascending nodes, 0 for those without one."""
    result = np.zeros(len(nodes), np.float32)
    at = np.searchsorted(nodes, np.fromiter(values, np.int32, len(values)))
    for place, (node, value) in zip(at.tolist(), values.items(), strict=True):
        if place < len(nodes) and nodes[place] == node:
            result[place] = value
    return result


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What the stores found, by position in the view's keys.

    `marks` says whether a key was found; `words` is its BM25 score, 0 beyond the depth. The vectors
    of the query are None if a model is not used or knows none of its words.
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
    *,
    of_long_text: bool = False,
) -> Retrieved:
    """Return the nearest keys by either model and the best by words, of nodes within the mask.

    The words of a long text and of its title count less if most such texts contain them. Raises
    CancelledError, EmbedderError.
    """
    allowed = None if mask is None else allowed_keys(view, mask)
    vector = _query_vector(view.backing.embedder, query.text) if mode != "lexical" else None
    # The deep model covers files only.
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
        terms = weights_of_terms(query.text) if of_long_text else terms_of(query.text)
        hits = lexical.search(terms, DEPTH, allowed)
        places, known = view.places(hits.keys)
        marks[places] = True
        # In reverse, so that the better score of a chunk wins if it is both stored and in a buffer.
        words[places[::-1]] = hits.scores[known][::-1]
    return Retrieved(marks, words, vector, deep_vector)


def check(cancel: threading.Event | None) -> None:
    """Raise CancelledError if the caller has cancelled."""
    if cancel is not None and cancel.is_set():
        raise CancelledError("The search was cancelled.")


def vectors_of(view: Snapshot, nodes: Ints) -> Vectors:
    """Return float32 (n, dim): the vector of each node, zeros if it is not stored yet."""
    backing = view.backing
    keys = view.keys[view.node_key[nodes]]
    found, rows = backing.vectors.get(keys)
    if len(backing.overlay_keys):
        slots = np.minimum(np.searchsorted(backing.overlay_keys, keys), len(backing.overlay_keys) - 1)
        overlaid = ~found & (backing.overlay_keys[slots] == keys)
        rows[overlaid] = backing.overlay_rows[slots[overlaid]]
    return rows


def search_live(view: Snapshot, vectors: VectorStore, vector: Vectors, depth: int, allowed: Keys | None) -> Hits:
    """Return the `depth` nearest keys that are both in the store and in the view.

    The store may also contain vanished content and content of other views, which take up places in
    its answer. If there are few such rows, that many more are requested; if there are many, they
    are masked. Either way the answer has at most `depth` keys: signals are divided by the best of
    all candidates, so results would otherwise depend on the history of the index.
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
    """Return cosines with the query's vector after half the mean of the best chunks was added.

    This is pseudo-relevance feedback as in Rocchio, "Relevance Feedback in Information Retrieval"
    (1971).
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


_QUERY_VECTORS: WeakKeyDictionary[Embedder, OrderedDict[str, Vectors]] = WeakKeyDictionary()
"""The latest queries of each model.

The references are weak: a model may be tens of megabytes, and its engine may be closed.
"""
_QUERY_VECTORS_LOCK = threading.Lock()


def _query_vector(embedder: Embedder, text: str) -> Vectors | None:
    """Return the vector of a text, or None if the model knows none of its words.

    It is cached, because each view of each root needs it.
    """
    with _QUERY_VECTORS_LOCK:
        vector = _QUERY_VECTORS.setdefault(embedder, OrderedDict()).get(text)
    if vector is None:
        vector = np.array(embedder.embed_query(text))
        vector.flags.writeable = False  # stores cache results by the identity of an immutable query
        with _QUERY_VECTORS_LOCK:
            kept = _QUERY_VECTORS.setdefault(embedder, OrderedDict())
            kept[text] = vector
            while len(kept) > _QUERIES_KEPT:
                kept.popitem(last=False)
    return vector if vector.any() else None


def _deep_cosines(view: Snapshot, nodes: Ints, vector: Vectors | None) -> Floats | None:
    """Return the deep cosine of each node, NaN without a vector; None without the model."""
    if vector is None or view.backing.deep is None:
        return None
    found, rows = view.backing.deep.vectors.get(view.keys[view.node_key[nodes]])
    cosines: Floats = np.vecdot(rows, vector)
    cosines[~found] = np.nan
    return cosines


def _nearest(view: Snapshot, vector: Vectors, allowed: Keys | None) -> npt.NDArray[np.intp]:
    """Return the positions in the view's keys of the nearest, including unsaved buffers.

    In a small view these are all keys with a vector.
    """
    backing = view.backing
    if len(view.keys) <= DEPTH:  # every key is among the nearest
        near = np.flatnonzero(backing.vectors.contains(view.keys))
        return np.concatenate((near, view.places(backing.overlay_keys)[0])) if len(backing.overlay_keys) else near
    hits = search_live(view, backing.vectors, vector, DEPTH, allowed)
    return view.places(_with_overlay(view, vector, hits, allowed) if len(backing.overlay_keys) else hits.keys)[0]


def _with_overlay(view: Snapshot, vector: Vectors, hits: Hits, allowed: Keys | None) -> Keys:
    """Return the nearest DEPTH keys of stored chunks and unsaved buffers as if both were stored."""
    backing = view.backing
    usable = view.places(backing.overlay_keys)[1]
    if allowed is not None:
        usable = usable[np.isin(backing.overlay_keys[usable], allowed)]
    fresh = usable[~np.isin(backing.overlay_keys[usable], hits.keys)]
    keys = np.concatenate((hits.keys, backing.overlay_keys[fresh]))
    scores = np.concatenate((hits.scores, np.vecdot(backing.overlay_rows[fresh], vector)))
    return keys[np.lexsort((keys, -scores))[:DEPTH]]


def _definitions(view: Snapshot, query: Query, found: Mask) -> dict[int, float]:
    """Return nodes that define a name of the query, with how exactly they do.

    If a name is defined in more files than the depth, only files that were found otherwise are
    checked.
    """
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
