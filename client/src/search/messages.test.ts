import assert from "node:assert/strict";
import { test } from "node:test";
import type { Answer } from "../protocol";
import { more, noResults, resume, suggestion, titleOf, unavailable, welcome, withoutFilters } from "./messages";
import { parseQuery } from "./query/query";

const complete: Answer = {
  results: [],
  coverage: { indexed: 1200, total: 1200, complete: true },
  tookMs: 1,
  reasons: [],
};
const partial: Answer = { ...complete, coverage: { indexed: 340, total: 1200, complete: false } };

test("an empty palette shows the coverage", () => {
  assert.equal(welcome(complete.coverage).label, "1,200 files indexed");
  assert.equal(welcome(undefined).label, "Opening the index…");
});

test("an empty answer shows the coverage, and suggests fewer filters only if there are some", () => {
  assert.match(noResults(parseQuery("x"), complete).detail ?? "", /^Searched 1,200 files\./);
  assert.match(
    noResults(parseQuery("x lang:go"), complete).detail ?? "",
    /^Searched 1,200 files\. Try fewer filters\.$/,
  );
  assert.match(
    noResults(parseQuery("x"), partial).detail ?? "",
    /^Indexed 340 of 1,200 files so far\. Results appear as indexing continues\.$/,
  );
});

test("an empty answer of a paused index does not promise results", () => {
  const { detail = "" } = noResults(parseQuery("x"), partial, true);
  assert.equal(detail, "Indexed 340 of 1,200 files so far. Indexing is paused.");
});

test("the title shows incomplete coverage and degradations", () => {
  assert.equal(titleOf(complete, 40), "Search Code");
  assert.equal(titleOf(partial, 40), "340 of 1,200 files indexed so far");
  assert.equal(titleOf({ ...complete, reasons: ["No vectors."] }, 40), "No vectors.");
});

test("the reason for an empty index replaces the results", () => {
  const waiting = { ...partial, reasons: ["A first index waits."] };
  assert.equal(noResults(parseQuery("x"), waiting).detail, "A first index waits.");
  assert.equal(noResults(parseQuery("x"), waiting).label, "No results for “x”");
  const none = { ...waiting, coverage: { indexed: 0, total: 1200, complete: false } };
  assert.equal(noResults(parseQuery("x"), none).label, "Nothing is indexed yet");
  assert.equal(titleOf(waiting, 40), "340 of 1,200 files indexed so far");
});

const one = { path: "a.py" } as Answer["results"][number];

test("the title counts the results, and more are offered at the limit", () => {
  const answer = { ...complete, results: [one, one] };
  assert.equal(titleOf(answer, 40), "2 results");
  assert.equal(titleOf(answer, 2), "2+ results");
  assert.equal(more("x", answer, 40).length, 0);
  assert.deepEqual(more("x", answer, 2)[0]?.command, ["codekin.searchIntoResults", "x"]);
});

test("each filter of an empty answer can be dropped", () => {
  const rows = withoutFilters("retry lang:typescrpt path:api/**");
  assert.deepEqual(
    rows.map(({ query }) => query),
    ["retry path:api/**", "retry lang:typescrpt"],
  );
  assert.equal(rows[0]?.label, "Search without lang:typescrpt");
});

test("each state without a server has an action", () => {
  const first = (state: Parameters<typeof unavailable>[0]): unknown => unavailable(state)[0]?.command?.[0];
  assert.equal(first({ kind: "missing", reason: "none" }), "codekin.install");
  assert.equal(first({ kind: "stopped", reason: "crashed" }), "codekin.restart");
  assert.equal(first({ kind: "idle" }), "vscode.openFolder");
  assert.equal(first({ kind: "starting" }), undefined);
  assert.match(String(unavailable({ kind: "installing" })[0]?.detail), /being installed/);
});

test("a paused index can be resumed from an incomplete answer only", () => {
  const status = { state: "paused" } as Parameters<typeof resume>[0];
  assert.deepEqual(resume(status, partial)[0]?.command, ["codekin.resume"]);
  assert.deepEqual(resume(status, complete), []);
});

test("a filter that the server suggests can be searched with", () => {
  const reasons = ["No file has lang:typescrpt. Did you mean lang:typescript?"];
  assert.equal(suggestion("retry lang:typescrpt", { ...complete, reasons })[0]?.query, "retry lang:typescript");
  assert.deepEqual(suggestion("retry", complete), []);
  const words = ["None of the words of the query are in the index. Did you mean rate limiter?"];
  assert.equal(suggestion("raet limitre", { ...complete, reasons: words })[0]?.query, "rate limiter");
});
