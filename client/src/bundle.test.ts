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

/** Returns an editor that answers every access to its API, with `lm` as the namespace for models. */
function editorWith(lm?: object): unknown {
  const get = (_: object, name: string | symbol): unknown => {
    if (name === Symbol.toPrimitive) return () => "";
    return name === "lm" && lm !== undefined ? lm : name === "then" ? undefined : editor;
  };
  const handler = { get, set: () => true, apply: () => editor, construct: () => editor as object };
  const editor: unknown = new Proxy(Object, handler);
  return editor;
}

/** Loads the bundle in an editor. `formatters` replaces `Intl`. */
function loaded(editor: unknown, formatters: object = Intl): { activate: (context: unknown) => void } {
  const load = createRequire(resolve(BUNDLE));
  const require = (name: string): unknown => (name === "vscode" ? editor : load(name));
  const module = { exports: {} };
  const text = `(require, module, Intl) => { ${readFileSync(BUNDLE, "utf8")}\n}`;
  (runInThisContext(text) as (...environment: unknown[]) => void)(require, module, formatters);
  return module.exports as ReturnType<typeof loaded>;
}

test("activation creates no formatter", () => {
  const formatters = new Proxy({}, { get: (_, name) => assert.fail(`Intl.${String(name)}`) });
  const editor = editorWith();
  loaded(editor, formatters).activate(editor);
});

test("activation does not read the language client", () => {
  assert.ok(statSync(BUNDLE).size < MAX_BYTES);
});

test("editors without the API for models, and those that refuse it, are supported", () => {
  const activateWith = (lm: object): void => {
    const editor = editorWith(lm);
    loaded(editor).activate(editor);
  };
  activateWith({});
  let asked = 0;
  const refuse = (): never => {
    asked += 1;
    throw new Error("not in the trial");
  };
  activateWith({ registerTool: () => ({}), registerMcpServerDefinitionProvider: refuse });
  assert.equal(asked, 1);
});
