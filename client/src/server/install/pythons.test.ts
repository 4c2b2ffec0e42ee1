import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { scratchFolder } from "./scratchFolder";
import type { Interpreter } from "../probe";
import { bestBase, inspectAll, suitability } from "./pythons";
import { uvVariables } from "./steps";
import { wheelVersion } from "./wheel";

const python = (version: [number, number], more: Partial<Interpreter> = {}): Interpreter => ({
  program: `python${version.join(".")}`,
  executable: `/usr/bin/python${version.join(".")}`,
  prefix: "/usr",
  version,
  supported: version[1] >= 10,
  codekin: undefined,
  hasVenv: true,
  error: undefined,
  ...more,
});

test("the newest Python that can create environments is the base", () => {
  const found = [python([3, 8]), python([3, 11]), python([3, 13], { hasVenv: false }), python([3, 9])];
  assert.deepEqual(bestBase(found, false)?.version, [3, 11]);
  assert.deepEqual(bestBase(found, true)?.version, [3, 13]);
  assert.equal(bestBase([python([3, 8])], true), undefined);
});

test("each interpreter says whether it fits", () => {
  assert.match(suitability(python([3, 8]), true), /older than 3\.10/);
  assert.match(suitability(python([3, 12], { hasVenv: false }), false), /no venv module/);
  assert.match(suitability(python([3, 12], { codekin: "0.1.0" }), false), /has codekin 0\.1\.0/);
  assert.match(suitability(python([3, 12]), false), /can be installed/);
});

test("an interpreter with two names is listed once, and other programs are not", async () => {
  const folder = scratchFolder();
  const report = { version: [3, 12], executable: "/one/python", prefix: "/one", codekin: null, venv: true };
  const programs = ["one", "two", "other"].map((name) => join(folder, name));
  for (const program of programs) {
    const text = program.endsWith("other") ? "hello" : JSON.stringify(report);
    writeFileSync(program, `#!/bin/sh\necho '${text}'\n`);
    chmodSync(program, 0o755);
  }
  const found = await inspectAll(programs, folder);
  assert.deepEqual(
    found.map(({ program }) => program),
    [programs[0]],
  );
});

test("uv uses the index that pip is configured for", () => {
  const configuration = `global.cert='/etc/ca.crt'\nglobal.extra-index-url='https://a/simple https://b/simple'\nglobal.find-links='\\n/wheels\\n/more'\n:env:.timeout='180'\n`;
  assert.deepEqual(uvVariables(configuration), {
    SSL_CERT_FILE: "/etc/ca.crt",
    UV_INDEX: "https://a/simple https://b/simple",
    UV_FIND_LINKS: "/wheels,/more",
  });
});

test("a wheel of codekin has its version in its name", () => {
  assert.equal(wheelVersion("/x/codekin-0.1.0-py3-none-any.whl"), "0.1.0");
  assert.equal(wheelVersion("codekin"), undefined);
});
