import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { scratchFolder } from "./install/scratchFolder";
import { inspectPython, probeCommand, probePython } from "./probe";

const PYTHON = process.platform === "win32" ? "python" : "python3";

test("a Python with codekin can start the server", async () => {
  const cwd = scratchFolder();
  mkdirSync(join(cwd, "codekin"));
  writeFileSync(join(cwd, "codekin", "__init__.py"), "__version__ = '9.9'\n");
  const { launch, text } = await probePython(PYTHON, cwd);
  assert.match(text, /^codekin 9\.9 in /);
  assert.deepEqual(launch, { command: PYTHON, args: ["-m", "codekin", "serve", "--stdio"], cwd });
});

test("a Python without codekin is rejected with the reason", async () => {
  const { launch, text } = await probePython(PYTHON, scratchFolder(), ["-I", "-S"]);
  assert.equal(launch, undefined);
  assert.match(text, /does not have codekin/);
});

test("a program that is not Python is rejected", async () => {
  const { launch, text } = await probePython(process.platform === "win32" ? "where" : "echo", scratchFolder());
  assert.equal(launch, undefined);
  assert.match(text, /is not a Python interpreter|cannot be run/);
});

test("a missing program is named", async () => {
  const nowhere = join(scratchFolder(), "nowhere");
  for (const { launch, text } of [
    await probePython(nowhere, scratchFolder()),
    await probeCommand(nowhere, scratchFolder()),
  ]) {
    assert.equal(launch, undefined);
    assert.ok(text.startsWith(`${nowhere} cannot be run`), text);
  }
});

test("a program that is not the codekin command is rejected", async () => {
  // Each of them has the option `--version`.
  for (const program of [PYTHON, "git", process.execPath]) {
    const { launch, text } = await probeCommand(program, scratchFolder());
    assert.equal(launch, undefined);
    assert.match(text, /is not the codekin command/);
  }
});

test("an interpreter has its version, and whether it can create environments", async () => {
  const found = await inspectPython(PYTHON, scratchFolder());
  assert.equal(found.version?.[0], 3);
  assert.equal(found.supported, true);
  assert.equal(typeof found.hasVenv, "boolean");
});
