import assert from "node:assert/strict";
import { test } from "node:test";
import { environmentOf, mcpServers, pythonOfLaunch } from "./definitions";

const python = { command: "py", args: ["-3", "-m", "codekin", "serve", "--stdio"], cwd: "/storage" };
const command = { command: "codekin", args: ["serve", "--stdio"], cwd: "/storage" };
const api = { name: "api", path: "/w/api" };

test("each folder has a server, started as the language server is", () => {
  assert.deepEqual(mcpServers(python, [api], {}), [
    { label: "Codekin", command: "py", args: ["-3", "-m", "codekin", "mcp", "/w/api"], env: {} },
  ]);
  const two = mcpServers(command, [api, { name: "web", path: "/w/web" }], {});
  assert.deepEqual(
    two.map(({ label, args }) => [label, args]),
    [
      ["Codekin: api", ["mcp", "/w/api"]],
      ["Codekin: web", ["mcp", "/w/web"]],
    ],
  );
});

test("the server has the settings of the editor", () => {
  const options = { home: "/indexes", maxFileBytes: 5000, exclude: ["a/**", "b"], watch: false, include: [] };
  assert.deepEqual(environmentOf(options), {
    CODEKIN_HOME: "/indexes",
    CODEKIN_MAX_FILE_BYTES: "5000",
    CODEKIN_EXCLUDE: "a/**,b",
    CODEKIN_WATCH: "false",
  });
});

test("only a Python can be asked for the package of the server", () => {
  assert.deepEqual(pythonOfLaunch(python), { command: "py", args: ["-3"] });
  assert.equal(pythonOfLaunch(command), undefined);
});
