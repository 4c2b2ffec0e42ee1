/** Texts that are put together from parts are translated in all of their parts. */
import { withoutNames } from "./pseudo";
import assert from "node:assert/strict";
import { test } from "node:test";
import { translated } from "./letters.mjs";
import { groupsOf, sizeOf, summary as duplicatesSummary } from "../src/duplicates/groups";
import { fileNote, noteOf } from "../src/map/hits";
import type { Answer, Result, Status } from "../src/protocol";
import { groupByRelation } from "../src/related/groups";
import { groupByFile, summary } from "../src/results/groups";
import { more, noResults, resume, titleOf, unavailable, welcome, type Message } from "../src/search/messages";
import { completions } from "../src/search/query/completion";
import { parseQuery } from "../src/search/query/query";
import { kindOf, relationOf, tabOf } from "../src/search/rows";
import { failureOf, NO_PYTHON, NO_WHEEL } from "../src/server/install/failures";
import { suitability } from "../src/server/install/pythons";
import { whyUnavailable, type ServerState } from "../src/server/state";
import { problem } from "../src/settingValues";
import { progressOf } from "../src/status/progress";
import { statusText } from "../src/status/text";

const COVERAGES = [
  { indexed: 0, total: 0, complete: false },
  { indexed: 1, total: 2, complete: false },
  { indexed: 1, total: 1, complete: true },
  { indexed: 2_000, total: 2_000, complete: true },
];
const range = { start: { line: 0, character: 0 }, end: { line: 9, character: 0 } };
const result = { uri: "1", path: "1", range, kind: "code", symbol: "1", snippet: "", score: 1 } as unknown as Result;
const statusOf = (coverage: Answer["coverage"], state: Status["state"]): Status =>
  ({
    state,
    coverage,
    reasons: [],
    chunks: 1_000,
    commits: coverage.total,
    ratePerS: 10,
    embedder: { name: "1", dim: 1 },
    deep: { state: "filling", model: "1", covered: 1, total: 2 },
    writer: false,
  }) as unknown as Status;
const states: ServerState[] = [
  { kind: "idle" },
  { kind: "off" },
  { kind: "starting" },
  { kind: "installing" },
  { kind: "missing", reason: "1" },
  { kind: "stopped", reason: "1" },
  ...COVERAGES.flatMap((coverage) =>
    (["starting", "indexing", "paused", "degraded", "ready"] as const).map((state) => ({
      kind: "running" as const,
      status: statusOf(coverage, state),
    })),
  ),
];
const textOf = ({ label, detail = "" }: Message): string[] => [label, detail];

function texts(): string[] {
  const answers = COVERAGES.flatMap((coverage) =>
    [[], [result], [result, result]].map((results) => ({ results, coverage, reasons: [] }) as unknown as Answer),
  );
  const commit = { ...result, commit: "1", kind: "commit", relation: "added in" };
  const folder = { ...result, kind: "directory", relation: "tested by" };
  const found = (count: number) => ({ groups: [{ places: [result, result], count }], compared: 2, reasons: [] });
  return [
    ...states.flatMap((state) => [whyUnavailable(state), statusText(state).text, ...statusText(state).tooltip]),
    ...states.flatMap((state) => (state.kind === "running" ? [] : unavailable(state).flatMap(textOf))),
    ...COVERAGES.flatMap((coverage) => progressOf(statusOf(coverage, "indexing")).message),
    ...answers.flatMap((answer) => [
      ...textOf(noResults(parseQuery("1"), answer)),
      ...more("1", answer, 1).flatMap(textOf),
      ...resume(statusOf(answer.coverage, "paused"), answer).flatMap(textOf),
      titleOf(answer, 2),
      summary("1", answer, 2),
    ]),
    ...COVERAGES.flatMap((coverage) => [1, 2].map((total) => duplicatesSummary({ ...found(2), total, coverage }))),
    ...groupsOf({ ...found(2), total: 1, coverage: COVERAGES[3] as Answer["coverage"] }).map(sizeOf),
    ...groupByRelation([result, commit, folder]).map(({ title }) => title),
    ...groupByFile([commit, folder]).map(({ path }) => path),
    ...[commit, folder, result].flatMap((each) => [kindOf(each), relationOf(each), tabOf(each) ?? ""]),
    ...(["hybrid", "literal"] as const).flatMap((mode) =>
      [0, 1, 2].flatMap((points) => [noteOf(points, points, mode), noteOf(points, 2_000, mode)]),
    ),
    ...[0, 1, 2].map((count) => fileNote("1", count)),
    ...[
      NO_PYTHON([]),
      NO_PYTHON(["1"]),
      NO_WHEEL(),
      failureOf("ProxyError", 1, "server"),
      failureOf("", 1, "deepModel"),
    ].map(({ message }) => message),
    ...[true, false].map((supported) => suitability({ supported, hasVenv: false } as never, false)),
    ...[{ type: "integer", minimum: 0, maximum: 9 }, { type: "boolean" }].map(
      (schema) => problem("1", schema, -1) ?? "",
    ),
    ...completions("after:", {} as never, new Date(0)).map(({ description }) => description),
    ...textOf(welcome(COVERAGES[0])).slice(0, 1),
  ];
}

test("no part of a text is in English", () => {
  const shown = texts().filter((text) => text !== "");
  assert.ok(shown.length > 150);
  for (const text of shown) assert.doesNotMatch(withoutNames(text), /[A-Za-z]{2,}/);
  assert.ok(shown.some((text) => text.includes(translated("files"))));
});
