import assert from "node:assert/strict";
import { test } from "node:test";
import type { Result } from "./protocol";
import { subjectText } from "./related/subject";
import { nameOf, placeOf, rowOf, tabOf, whereOf } from "./search/rows";
import { markdown, visible, visibleCode, visibleLabel } from "./visible";

const now = new Date("2026-03-01T12:00:00Z");
const hostile: Result = {
  uri: "file:///w/a%E2%80%AE.py",
  path: "a\u202e\n.py",
  range: { start: { line: 0, character: 0 }, end: { line: 1, character: 0 } },
  kind: "code",
  symbol: "",
  language: "python",
  score: 0.9,
  snippet: "if admin\u2066 and\u200b x:\n\treturn\u202e 1\u2028\x1b[31m\n",
};
const HIDDEN = /[\u202e\u2066\u200b\u2028\x1b\n]/;

test("invisible characters are escaped", () => {
  const cases: [string, string][] = [
    ["plain, Straße, 名前, имя, 😀", "plain, Straße, 名前, имя, 😀"],
    ["a\nb\tc\r", "a\\nb\\tc\\r"],
    ["\x1b[31m\x9b\x00", "\\x1b[31m\\x9b\\x00"],
    ["x\u202egpj.exe\u2066\u200f", "x\\u202egpj.exe\\u2066\\u200f"],
    ["pay\u200bload\ufeff\u00ad\u3164", "pay\\u200bload\\ufeff\\xad\\u3164"],
    ["ad\u200dmin", "ad\\u200dmin"],
    ["\u{e0041}", "\\U000e0041"],
    ["\ud800x", "\\ud800x"],
    ["👨\u200d👩\u200d👧 ❤\ufe0f", "👨\u200d👩\u200d👧 ❤\ufe0f"],
  ];
  for (const [text, shown] of cases) assert.equal(visible(text), shown);
  assert.equal(visibleCode("a\u202e\n\tb\r\n"), "a\\u202e\n\tb\r\n");
  assert.equal(visibleLabel("Fix $(sync~spin) and $(x"), "Fix \\$(sync~spin) and $(x");
});

test("names, places, rows and tabs show the escapes", () => {
  const commit: Result = { ...hostile, commit: "a".repeat(40), symbol: "Fix\u202e it", author: "Ann\u2066\x1b[1m" };
  const revision: Result = { ...hostile, revision: "b".repeat(40) };
  const row = rowOf(hostile, now);
  const shown = [row.label, row.description, row.detail, nameOf(commit), whereOf(commit, now), placeOf(hostile)];
  shown.push(tabOf(revision) ?? "", nameOf({ ...hostile, kind: "directory", path: "a\u202e/" }));
  shown.push(subjectText({ uri: hostile.uri, startLine: 0, endLine: 1 }));
  for (const text of shown) assert.doesNotMatch(text, HIDDEN);
  assert.equal(subjectText({ uri: "file:///w/%ff.py", startLine: 0, endLine: 1 }), "%ff.py:1");
});

test("Markdown shows the text without interpreting it", () => {
  assert.equal(markdown("![x](https://e.example)"), "\\!\\[x\\]\\(https\\://e.example\\)");
  assert.equal(markdown("<img> www.e.example 1. a@b"), "\\<img\\> www\\.e.example 1. a\\@b");
  assert.equal(markdown("1. one\n- two"), "1\\. one\\\\n\\- two");
});
