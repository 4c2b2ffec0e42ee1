import assert from "node:assert/strict";
import { test } from "node:test";
import { CANCELLED, failureOf, NO_PYTHON } from "./failures";

const OUTPUTS: Readonly<Record<string, [string, RegExp, string]>> = {
  "a Debian Python without venv": [
    "The virtual environment was not created successfully because ensurepip is not available.",
    /python3-venv/,
    "chooseInterpreter",
  ],
  "pip without a network": [
    "WARNING: Retrying after connection broken by 'NewConnectionError(...: Failed to establish a new connection: [Errno -3] Temporary failure in name resolution')'\nERROR: No matching distribution found for aiosqlite>=0.20",
    /cannot be reached/,
    "retry",
  ],
  "uv without a network": [
    "error: Request failed\n  Caused by: dns error: failed to lookup",
    /cannot be reached/,
    "retry",
  ],
  "a proxy": [
    "ProxyError('Cannot connect to proxy.', OSError('Tunnel connection failed: 407'))",
    /proxy/,
    "openProxySettings",
  ],
  "an index without the package": [
    "ERROR: No matching distribution found for pygls<3,>=2.1.1",
    /does not have/,
    "showLog",
  ],
  "a full disk": ["OSError: [Errno 28] No space left on device", /disk is full/, "retry"],
  "a read-only folder": ["Error: [Errno 30] Read-only file system: '/x/env'", /cannot be written/, "retry"],
};

for (const [what, [output, message, step]] of Object.entries(OUTPUTS))
  test(`${what} is explained, with a next step`, () => {
    const failure = failureOf(output, 1, "server");
    assert.match(failure.message, message);
    assert.ok((failure.steps as string[]).includes(step), failure.steps.join());
  });

test("an unknown failure has its exit status and the log", () => {
  assert.match(failureOf("boom", 3, "server").message, /exit status 3/);
  assert.deepEqual(failureOf("boom", 3, "server").steps, ["retry", "showLog"]);
});

test("each Python that does not fit is named", () => {
  const failure = NO_PYTHON(["Python 3.8 (/usr/bin/python3): older than 3.10"]);
  assert.match(failure.message, /Python 3\.8 \(\/usr\/bin\/python3\)/);
  assert.equal(failure.steps[0], "getPython");
});

test("a failure names what was not installed", () => {
  assert.match(failureOf("boom", 3, "server").message, /^Codekin was not installed\. /);
  assert.match(failureOf("boom", 3, "deepModel").message, /^The deep model was not installed\. /);
  assert.ok(!CANCELLED("deepModel").steps.includes("chooseInterpreter"));
});
