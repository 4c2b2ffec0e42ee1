/** What is bundled is what activation reads: it must stay small, and must not copy the editor's interface for each module. */
import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { test } from "node:test";

const BUNDLE = "dist/extension.js";
const LARGEST_BYTES = 120_000; // without minification, with room to grow; the language client alone has 960 kB

test("the editor's interface is not copied", () => {
  const text = readFileSync(BUNDLE, "utf8");
  assert.ok(text.includes('= require("vscode")'));
  assert.doesNotMatch(text, /__toESM\(require\("vscode"\)\)/);
});

test("the language client is not part of what activation reads", () => {
  assert.ok(statSync(BUNDLE).size < LARGEST_BYTES);
});
