import assert from "node:assert/strict";
import { test } from "node:test";
import type { Result } from "../protocol";
import { excerpt, iconOf, nameOf, placeOf, rowOf } from "./rows";

const result: Result = {
  uri: "file:///w/api/carriers.py",
  path: "api/carriers.py",
  range: { start: { line: 10, character: 0 }, end: { line: 24, character: 0 } },
  kind: "code",
  symbol: "call_with_retry",
  language: "python",
  score: 0.9,
  snippet: "def call_with_retry(\n    request,\n):\n    return request()\n",
};

test("lines are 1-based and inclusive for people", () => {
  assert.equal(placeOf(result), "api/carriers.py:11-24");
  const one = { ...result, range: { start: { line: 4, character: 0 }, end: { line: 5, character: 0 } } };
  assert.equal(placeOf(one), "api/carriers.py:5");
  const file = { ...result, range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } } };
  assert.equal(placeOf(file), "api/carriers.py:1");
});

test("what has no symbol goes by its file's name", () => {
  assert.equal(nameOf({ ...result, symbol: "" }), "carriers.py");
  assert.equal(nameOf({ ...result, symbol: "", path: "README.md" }), "README.md");
});

test("an excerpt is one short line without brackets that stand alone", () => {
  assert.equal(excerpt(result.snippet), "def call_with_retry( · request, · return request()");
  assert.equal(excerpt('/** Adds.\n * Twice. */\n"""One."""\n#!/bin/sh'), "Adds. · Twice. · One.");
  assert.equal(excerpt("x".repeat(500)).length, 160);
  assert.equal(excerpt(""), "");
});

test("parts take the place of the excerpt, the strongest first, without those that add nothing", () => {
  const parts = { lexical: 0.2, semantic: 0.75, test: -0.05, nothing: 0 };
  assert.equal(rowOf({ ...result, parts }).detail, "0.900 = semantic +0.750  lexical +0.200  test −0.050");
});

test("prose, tests and unknown kinds have icons", () => {
  assert.equal(iconOf({ ...result, language: "markdown" }), "book");
  assert.equal(iconOf({ ...result, kind: "test" }), "beaker");
  assert.equal(iconOf({ ...result, kind: "something new" }), "symbol-method");
});
