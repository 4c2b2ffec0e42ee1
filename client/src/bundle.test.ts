/**
 * The bundle is what activation reads: it must stay small and must not copy the editor's API in
 * each module.
 */
import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { test } from "node:test";
import { runInThisContext } from "node:vm";

const BUNDLE = "dist/extension.js";
const MAX_BYTES = 150_000; // not minified, with room to grow; the language client alone has 960 kB

test("the editor's API is not copied", () => {
  const text = readFileSync(BUNDLE, "utf8");
  assert.ok(text.includes('= require("vscode")'));
  assert.doesNotMatch(text, /__toESM\(require\("vscode"\)\)/);
});

test("activation creates no formatter", () => {
  // Answers every access to the editor's API while the bundle is loaded.
  const get = (_: object, name: string | symbol): unknown => (name === Symbol.toPrimitive ? () => "" : editor);
  const editor: unknown = new Proxy(Object, { get, apply: () => editor, construct: () => ({}) });
  const load = createRequire(resolve(BUNDLE));
  const require = (name: string): unknown => (name === "vscode" ? editor : load(name));
  const formatters = new Proxy({}, { get: (_, name) => assert.fail(`Intl.${String(name)}`) });
  const module = { exports: {} };
  const text = `(require, module, Intl) => { ${readFileSync(BUNDLE, "utf8")}\n}`;
  (runInThisContext(text) as (...environment: unknown[]) => void)(require, module, formatters);
  assert.ok("activate" in module.exports);
});

test("activation does not read the language client", () => {
  assert.ok(statSync(BUNDLE).size < MAX_BYTES);
});
