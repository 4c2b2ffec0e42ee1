import assert from "node:assert/strict";
import { test } from "node:test";
import type { Status } from "../protocol";
import { coverageText, statusText } from "./text";

const status: Status = {
  state: "ready",
  reasons: [],
  roots: ["/w"],
  files: 1200,
  chunks: 9000,
  commits: 0,
  coverage: { indexed: 1200, total: 1200, complete: true },
  embedder: { name: "codekin-static-1", dim: 256 },
  stores: {},
  embedCalls: { computed: 0, reused: 0 },
  skipped: {},
  writer: true,
  alerts: [],
};
const shown = (more: Partial<Status>) => statusText({ kind: "running", status: { ...status, ...more } });

test("the coverage shows whether more files may follow", () => {
  assert.equal(coverageText({ indexed: 0, total: 0, complete: false }), "0 files");
  assert.equal(coverageText({ indexed: 1, total: 1, complete: true }), "1 file");
  assert.equal(coverageText({ indexed: 340, total: 1200, complete: false }), "340 of 1,200 files");
  assert.equal(coverageText({ indexed: 3, total: 3, complete: false }), "3 of 3+ files");
});

test("indexing shows progress and rate", () => {
  const coverage = { indexed: 340, total: 1200, complete: false };
  const { text, tooltip } = shown({ state: "indexing", coverage, ratePerS: 5123.4 });
  assert.equal(text, "$(sync~spin) Codekin 340/1,200");
  assert.equal(tooltip[0], "Indexing, 5,123 chunks/s");
});

test("a degraded state is a warning with its reasons", () => {
  const { severity, tooltip } = shown({ state: "degraded", reasons: ["SQLite is missing."] });
  assert.equal(severity, "warning");
  assert.ok(tooltip.includes("SQLite is missing."));
});

test("the ready state is unobtrusive and shows if another process writes", () => {
  assert.equal(shown({}).text, "$(search) Codekin");
  assert.ok(shown({ writer: false }).tooltip.some((line) => line.startsWith("Another process updates")));
});

test("commits and the deep model are shown if there are any", () => {
  const deep = {
    state: "filling",
    model: "minilm",
    covered: 340,
    total: 9000,
    remainingS: null,
    installed: true,
  } as const;
  const { tooltip } = shown({ commits: 1, deep });
  assert.equal(tooltip[1], "1,200 files, 9,000 chunks, 1 commit");
  assert.ok(tooltip.includes("Deep model minilm: 340 of 9,000 chunks embedded"));
  const slow = shown({ deep: { ...deep, remainingS: 290 } }).tooltip;
  assert.ok(slow.includes("Deep model minilm: 340 of 9,000 chunks embedded, about 5 min left"));
  assert.ok(shown({ deep: { ...deep, state: "failed" } }).tooltip.includes("Deep model minilm: failed"));
  const off = shown({ deep: { ...deep, state: "off" } }).tooltip;
  assert.ok(!off.some((line) => line.startsWith("Deep")));
});

test("a missing or stopped server shows the reason", () => {
  assert.deepEqual(statusText({ kind: "missing", reason: "Because." }).tooltip, ["Because."]);
  assert.equal(statusText({ kind: "stopped", reason: "Because." }).severity, "error");
});
