import assert from "node:assert/strict";
import { test } from "node:test";
import type { Answer } from "../protocol";
import { noResults, titleOf, welcome } from "./messages";
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
  assert.match(noResults(parseQuery("x"), complete).detail, /^Searched 1,200 files\./);
  assert.match(noResults(parseQuery("x lang:go"), complete).detail, /^Searched 1,200 files\. Try fewer filters\.$/);
  assert.match(
    noResults(parseQuery("x"), partial).detail,
    /^Indexed 340 of 1,200 files so far\. Results appear as indexing continues\.$/,
  );
});

test("the title shows incomplete coverage and degradations", () => {
  assert.equal(titleOf(complete), "Search Code");
  assert.equal(titleOf(partial), "340 of 1,200 files indexed so far");
  assert.equal(titleOf({ ...complete, reasons: ["No vectors."] }), "No vectors.");
});

test("the reason for an empty index replaces the results", () => {
  const waiting = { ...partial, reasons: ["A first index waits."] };
  assert.equal(noResults(parseQuery("x"), waiting).detail, "A first index waits.");
  assert.equal(noResults(parseQuery("x"), waiting).label, "No results for “x”");
  const none = { ...waiting, coverage: { indexed: 0, total: 1200, complete: false } };
  assert.equal(noResults(parseQuery("x"), none).label, "Nothing is indexed yet");
  assert.equal(titleOf(waiting), "340 of 1,200 files indexed so far");
});
