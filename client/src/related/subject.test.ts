import assert from "node:assert/strict";
import { test } from "node:test";
import { sameSubject, subjectOf, subjectText } from "./subject";

const at = (startLine: number, endLine: number, character = 0) => ({
  textDocument: { uri: "file:///w/my%20code.py" },
  range: { start: { line: startLine, character: 0 }, end: { line: endLine, character } },
});

test("a cursor selects one line, a selection every line it touches", () => {
  assert.deepEqual(subjectOf(at(4, 4)), { uri: "file:///w/my%20code.py", startLine: 4, endLine: 5 });
  assert.equal(subjectOf(at(4, 6))?.endLine, 6);
  assert.equal(subjectOf(at(4, 6, 1))?.endLine, 7);
});

test("other arguments are not subjects", () => {
  for (const argument of [undefined, null, "x", {}, { scheme: "file" }]) assert.equal(subjectOf(argument), undefined);
});

test("a subject is displayed with 1-based lines", () => {
  assert.equal(subjectText({ uri: "file:///w/my%20code.py", startLine: 4, endLine: 5 }), "my code.py:5");
  assert.equal(subjectText({ uri: "file:///w/a.py", startLine: 4, endLine: 7 }), "a.py:5-7");
});

test("subjects with the same location are equal", () => {
  const one = { uri: "file:///w/a.py", startLine: 4, endLine: 7 };
  assert.ok(sameSubject(one, { ...one }));
  assert.ok(!sameSubject(one, { ...one, endLine: 8 }));
  assert.ok(sameSubject(undefined, undefined));
  assert.ok(!sameSubject(one, undefined));
});
