import assert from "node:assert/strict";
import { test } from "node:test";
import type { Answer } from "../protocol";
import { nothing, titleOf, welcome } from "./messages";
import { parseQuery } from "./query";

const whole: Answer = { results: [], coverage: { indexed: 1200, total: 1200, complete: true }, tookMs: 1, reasons: [] };
const part: Answer = { ...whole, coverage: { indexed: 340, total: 1200, complete: false } };

test("an empty palette says what is covered", () => {
  assert.equal(welcome(whole.coverage).label, "1,200 files can be searched");
  assert.equal(welcome(undefined).label, "The index is being opened");
});

test("nothing found tells whether all was searched, and blames filters only where there are some", () => {
  assert.match(nothing(parseQuery("x"), whole).detail, /^1,200 files were searched/);
  assert.match(nothing(parseQuery("x lang:go"), whole).detail, /^The filters may be too narrow/);
  assert.match(nothing(parseQuery("x"), part).detail, /340 of 1,200 files have been indexed so far/);
});

test("the title says what is missing and what is degraded, and nothing else", () => {
  assert.equal(titleOf(whole), "Search Code");
  assert.equal(titleOf(part), "340 of 1,200 files indexed so far");
  assert.equal(titleOf({ ...whole, reasons: ["No vectors."] }), "No vectors.");
});

test("why nothing is indexed yet stands where one looks for results", () => {
  const waiting = { ...part, reasons: ["A first index waits."] };
  assert.equal(nothing(parseQuery("x"), waiting).detail, "A first index waits.");
  assert.equal(nothing(parseQuery("x"), waiting).label, "Nothing found for “x”");
  const none = { ...waiting, coverage: { indexed: 0, total: 1200, complete: false } };
  assert.equal(nothing(parseQuery("x"), none).label, "Nothing is indexed yet");
  assert.equal(titleOf(waiting), "340 of 1,200 files indexed so far");
});
