import assert from "node:assert/strict";
import { test } from "node:test";
import type { Result } from "../protocol";
import { agoOf, excerpt, iconOf, nameOf, placeOf, rowOf, tabOf, textOf } from "./rows";

const now = new Date("2026-03-01T12:00:00Z");

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

test("displayed lines are 1-based and inclusive", () => {
  assert.equal(placeOf(result), "api/carriers.py:11-24");
  const one = { ...result, range: { start: { line: 4, character: 0 }, end: { line: 5, character: 0 } } };
  assert.equal(placeOf(one), "api/carriers.py:5");
  const file = { ...result, range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } } };
  assert.equal(placeOf(file), "api/carriers.py:1");
});

test("a result without a symbol has the name of its file", () => {
  assert.equal(nameOf({ ...result, symbol: "" }), "carriers.py");
  assert.equal(nameOf({ ...result, symbol: "", path: "README.md" }), "README.md");
});

test("an excerpt is one short line without lines of brackets only", () => {
  assert.equal(excerpt(result.snippet), "def call_with_retry( · request, · return request()");
  assert.equal(excerpt('/** Adds.\n * Twice. */\n"""One."""\n#!/bin/sh'), "Adds. · Twice. · One.");
  assert.equal(excerpt("x".repeat(500)).length, 160);
  assert.equal(excerpt(""), "");
});

test("score parts replace the excerpt, the strongest first and without zeros", () => {
  const parts = { lexical: 0.2, semantic: 0.75, test: -0.05, nothing: 0 };
  assert.equal(rowOf({ ...result, parts }, now).detail, "0.900 = semantic +0.750  lexical +0.200  test −0.050");
});

test("prose, tests and unknown kinds have icons", () => {
  assert.equal(iconOf({ ...result, language: "markdown" }), "book");
  assert.equal(iconOf({ ...result, kind: "test" }), "beaker");
  assert.equal(iconOf({ ...result, kind: "something new" }), "code");
});

const commit: Result = {
  ...result,
  uri: "codekin-commit:/0123456789abcdef?%2Fw",
  path: "commit:0123456789abcdef",
  kind: "commit",
  symbol: "Limit the rate",
  language: "",
  snippet: "Limit the rate\n\nA token bucket for each client.\n",
  commit: "0123456789abcdef",
  author: "Ann Lee",
  date: "2026-02-08",
};

test("a commit shows its title, hash, author, age and message", () => {
  assert.deepEqual(rowOf(commit, now), {
    icon: "git-commit",
    label: "Limit the rate",
    description: "0123456 · Ann Lee · 3 weeks ago",
    detail: "A token bucket for each client.",
  });
});

test("a pull request shows its number", () => {
  const row = rowOf({ ...commit, kind: "pull_request", pullRequest: 12 }, now);
  assert.equal(row.icon, "git-pull-request");
  assert.equal(row.label, "#12 Limit the rate");
});

test("folders and files show their paths without lines", () => {
  const folder = rowOf({ ...result, kind: "directory", path: "web/src/", symbol: "", language: "markdown" }, now);
  assert.deepEqual([folder.icon, folder.label, folder.description], ["folder", "src/", "web/src/"]);
  const file = rowOf({ ...result, kind: "file", symbol: "" }, now);
  assert.deepEqual([file.icon, file.label, file.description], ["file", "carriers.py", "api/carriers.py"]);
});

test("the name of the root folder is shown if it is given", () => {
  assert.equal(rowOf(result, now, "shop").description, "shop/api/carriers.py:11-24");
  assert.equal(rowOf(commit, now, "shop").description, "0123456 · Ann Lee · 3 weeks ago · shop");
});

test("ages are in the largest unit that fits", () => {
  const ages = ["2026-03-01", "2026-02-28", "2026-02-24", "2026-02-20", "2025-12-30", "2024-01-01", "2026-04-01"];
  assert.deepEqual(
    ages.map((date) => agoOf(date, now)),
    ["today", "yesterday", "5 days ago", "last week", "2 months ago", "2 years ago", "today"],
  );
  assert.equal(agoOf("", now), "");
  assert.equal(agoOf(undefined, now), "");
});

test("a document that is not on disk has a descriptive tab title", () => {
  assert.equal(tabOf(result), undefined);
  assert.equal(tabOf({ ...result, revision: "9e831e915f0123" }), "carriers.py (9e831e9)");
  assert.equal(tabOf(commit), "commit 0123456");
  assert.equal(tabOf({ ...commit, pullRequest: 12 }), "pull request #12");
});

test("a result of another revision shows the revision", () => {
  const old = { ...result, revision: "9e831e915f0123" };
  assert.equal(rowOf(old, now).description, "api/carriers.py:11-24 · at 9e831e9");
  assert.equal(rowOf({ ...old, kind: "file" }, now).description, "api/carriers.py · at 9e831e9");
});

test("kinds of symbols have their icons", () => {
  assert.equal(iconOf({ ...result, symbolKind: "class" }), "symbol-class");
  assert.equal(iconOf({ ...result, symbolKind: "function" }), "symbol-method");
  assert.equal(iconOf({ ...result, symbolKind: "class", kind: "test" }), "beaker");
});

test("the excerpt begins where the result opens", () => {
  const focus = { start: { line: 13, character: 4 }, end: { line: 13, character: 4 } };
  assert.equal(textOf({ ...result, focus }), "return request()");
  assert.match(textOf({ ...result, focus: { start: { line: 99, character: 0 }, end: focus.end } }), /^def call/);
});
