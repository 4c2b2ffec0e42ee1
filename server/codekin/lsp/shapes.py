"""What codekin's own requests answer, as docs/reference/protocol.md describes it; the order of the keys is that of the JSON.

The client's types are generated from these (`server/tools/protocol_types.py`). Annotations are evaluated here, unlike
elsewhere, because a `NotRequired` within a string is not seen.
"""

from typing import Literal

from codekin.shapes import CoverageShape, DeepShape, StoreShape, WaitingShape
from codekin.shapes.typed import NotRequired, TypedDict

State = Literal["starting", "indexing", "ready", "paused", "degraded"]
DeepState = Literal["off", "loading", "filling", "complete", "failed"]
Alert = Literal["latency", "errors", "memory"]


class Position(TypedDict):
    """A line and a column in UTF-16 code units, both from 0; the column is 0 but in the focus of a result."""

    line: int
    character: int


class Range(TypedDict):
    """Whole lines."""

    start: Position
    end: Position


class Result(TypedDict):
    """One result of search or related.

    `author` and `date` (YYYY-MM-DD) are those of the last commit that changed the file, or of the commit that the result
    is; then `commit` is its hash. `revision` is the hash of the commit that the file is shown as of. With either, `uri` is
    not a file. `relation` says why it is related ("tested by", "last changed in", "like this"), `reason` gives the grounds.
    `parts` are the signals that add up to `score`, if they were asked for. `focus` is where to open the result: the definition
    that was asked for, the line that answers, or the match.
    """

    uri: str
    path: str
    range: Range
    kind: str
    symbol: str
    language: str
    score: float
    snippet: str
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
    """The answer of codekin/search and codekin/related, best result first; `reasons` says what was degraded, if anything."""

    results: list[Result]
    coverage: CoverageShape
    tookMs: float
    reasons: list[str]


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
    """Texts that were embedded since the server started, and texts that were known by content."""

    computed: int
    reused: int


class Deep(DeepShape):
    """How much the deep model has read: `covered` of `total` chunks."""

    state: DeepState  # type: ignore[misc] # narrower than the text that programs get


class Metrics(TypedDict):
    """What is counted and timed."""

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
    """What a first index that waits for consent would take; `text` says all of it in words."""

    files: int
    sourceBytes: int
    seconds: float
    diskBytes: int
    text: str


class Status(TypedDict):
    """The answer of codekin/status and codekin/control, and the parameters of codekin/statusChanged."""

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
    """The answer of codekin/commit; `url` is where it can be read on the web, "" if that is unknown."""

    text: str
    url: str


class FilterValues(TypedDict):
    """The answer of codekin/filters: the values that occur, each with its count, the most frequent first."""

    languages: dict[str, int]
    extensions: dict[str, int]
    folders: dict[str, int]
    kinds: dict[str, int]
    authors: dict[str, int]


class MapFile(TypedDict):
    """A file that has points; `group` is a position in `groups`."""

    uri: str
    path: str
    group: int


class MapPoints(TypedDict):
    """Arrays with an entry for each point: half the size of an object for each."""

    x: list[float]
    y: list[float]
    file: list[int]
    startLine: list[int]
    endLine: list[int]
    symbol: list[str]
    kind: list[str]


class UnchangedMap(TypedDict):
    """The answer of codekin/map to a client that has this map."""

    revision: str
    unchanged: Literal[True]
    shown: int
    total: int


class SemanticMap(TypedDict):
    """The answer of codekin/map. `groups` are folders, "" for the rest."""

    revision: str
    unchanged: Literal[False]
    shown: int
    total: int
    groups: list[str]
    files: list[MapFile]
    points: MapPoints


class BlamedLines(TypedDict):
    """Lines of one commit; only `committed` lines have the rest. `cut` is whether the clone ends at that commit."""

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
