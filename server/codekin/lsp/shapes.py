"""Answers of codekin's own requests, as docs/reference/protocol.md describes them.

The keys have the order of the JSON. The client's types are generated from these classes
(`server/tools/protocol_types.py`). Annotations are evaluated here, unlike elsewhere, because a
`NotRequired` inside a string is not recognised.
"""

from typing import Literal

from codekin.shapes import CoverageShape, ReadQueryShape, StoreShape, WaitingShape
from codekin.shapes.typed import NotRequired, TypedDict

State = Literal["starting", "indexing", "ready", "paused", "degraded"]
DeepState = Literal["off", "loading", "filling", "complete", "failed"]
Alert = Literal["latency", "errors", "memory"]


class Position(TypedDict):
    """A line and a column in UTF-16 code units, both 0-based.

    The column is 0 except in the focus of a result.
    """

    line: int
    character: int


class Range(TypedDict):
    """A range of whole lines, except in the focus of a result; the end is exclusive."""

    start: Position
    end: Position


class Result(TypedDict):
    """One result of search or related.

    `author` and `date` (YYYY-MM-DD) belong to the last commit that changed the file or, if the
    result is a commit, to that commit; `commit` is then its hash. `revision` is the hash of the
    commit at which the file is shown. With either, `uri` is not a file. `relation` says how the
    result is related ("tested by", "last changed in", "like this"), and `reason` gives the
    evidence. `parts` are the signals that add up to `score`, present if requested. `focus` is where
    to open the result: the requested definition, the line that answers, or the match. `symbolKind`
    is a word such as "function" or "class".
    """

    uri: str
    path: str
    range: Range
    kind: str
    symbol: str
    symbolKind: NotRequired[str]
    language: str
    score: float
    snippet: str
    confidence: NotRequired[float]
    focus: NotRequired[Range]
    author: NotRequired[str]
    date: NotRequired[str]
    commit: NotRequired[str]
    revision: NotRequired[str]
    pullRequest: NotRequired[int]
    relation: NotRequired[str]
    reason: NotRequired[str]
    parts: NotRequired[dict[str, float]]


class Answer(TypedDict):
    """The answer of codekin/search and codekin/related, best result first.

    `reasons` says what was degraded, if anything. `parsed` is how the text of a query was read;
    related code has none.
    """

    results: list[Result]
    coverage: CoverageShape
    tookMs: float
    reasons: list[str]
    parsed: NotRequired[ReadQueryShape]


class Explanation(TypedDict):
    """The answer of codekin/explain; `rank` counts from 1."""

    found: bool
    range: Range
    rank: int | None
    score: float
    parts: dict[str, float]
    reason: str


class Embedder(TypedDict):
    """The model in use."""

    name: str
    dim: int


class EmbedCalls(TypedDict):
    """Texts embedded since the server started, and texts whose vectors were reused."""

    computed: int
    reused: int


class Deep(TypedDict):
    """Progress of the deep model: it has embedded `covered` of `total` chunks.

    `remainingS` is how long the rest takes at the speed so far, null if that is unknown.
    `installed` is whether the server's Python has codekin's own model.
    """

    state: DeepState
    model: str
    covered: int
    total: int
    remainingS: float | None
    installed: NotRequired[bool]


class Metrics(TypedDict):
    """Counters and timings of the server."""

    searches: dict[str, int]
    indexErrors: int
    searchesPerS: float
    latencyP50Ms: float
    latencyP95Ms: float
    errorRate: float
    memoryBytes: int
    lateLoops: int
    longestLateMs: float
    waiting: WaitingShape


class Estimate(TypedDict):
    """Expected cost of a first index that awaits consent; `text` describes it in a sentence."""

    files: int
    sourceBytes: int
    seconds: float
    diskBytes: int
    text: str


class Status(TypedDict):
    """The answer of codekin/status and codekin/control, and the data of codekin/statusChanged."""

    state: State
    reasons: list[str]
    roots: list[str]
    files: int
    chunks: int
    commits: int
    coverage: CoverageShape
    embedder: Embedder
    stores: dict[str, StoreShape]
    embedCalls: EmbedCalls
    skipped: dict[str, int]
    redacted: NotRequired[int]
    ratePerS: NotRequired[float]
    pid: NotRequired[int]
    writer: NotRequired[bool]
    deep: NotRequired[Deep]
    metrics: NotRequired[Metrics]
    alerts: list[Alert]
    estimate: NotRequired[Estimate | None]
    metricsUrl: NotRequired[str]
    failures: NotRequired[dict[str, int]]


class CommitText(TypedDict):
    """The answer of codekin/commit; `url` is its web page, "" if unknown."""

    text: str
    url: str


class FilterValues(TypedDict):
    """The answer of codekin/filters: values that occur and their counts, most frequent first."""

    languages: dict[str, int]
    extensions: dict[str, int]
    folders: dict[str, int]
    kinds: dict[str, int]
    authors: dict[str, int]


class MapFile(TypedDict):
    """A file with points; `group` is an index into `groups`."""

    uri: str
    path: str
    group: int


class MapPoints(TypedDict):
    """Arrays with one entry per point, half the size of one object per point."""

    x: list[float]
    y: list[float]
    file: list[int]
    startLine: list[int]
    endLine: list[int]
    symbol: list[str]
    kind: list[str]


class UnchangedMap(TypedDict):
    """The answer of codekin/map to a client that already has this map."""

    revision: str
    unchanged: Literal[True]
    shown: int
    total: int


class SemanticMap(TypedDict):
    """The answer of codekin/map. `groups` are folders, with "" for all other files."""

    revision: str
    unchanged: Literal[False]
    shown: int
    total: int
    groups: list[str]
    files: list[MapFile]
    points: MapPoints


class DuplicateGroup(TypedDict):
    """Places with nearly the same code, each similar to the first one.

    The `score` of a place is the cosine with the first. `count` is the number of places, of which
    at most 50 are in `places`.
    """

    places: list[Result]
    count: int


class Duplicates(TypedDict):
    """The answer of codekin/duplicates, the groups that repeat most lines first.

    `total` is the number of groups, `compared` that of chunks.
    """

    groups: list[DuplicateGroup]
    total: int
    compared: int
    coverage: CoverageShape
    reasons: list[str]


class BlamedLines(TypedDict):
    """Consecutive lines of one commit.

    Only `committed` lines have the other keys. `cut` means that the history of a shallow clone ends
    at that commit.
    """

    range: Range
    committed: bool
    commit: NotRequired[str]
    uri: NotRequired[str]
    title: NotRequired[str]
    author: NotRequired[str]
    date: NotRequired[str]
    cut: NotRequired[bool]


class Blame(TypedDict):
    """The answer of codekin/blame."""

    lines: list[BlamedLines]


class DoctorText(TypedDict):
    """The answer of codekin/doctor."""

    text: str
