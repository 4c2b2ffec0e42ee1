// An untrusted workspace: search works, and no program that the workspace selects is run.
import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { useSession } from "./support/session.mjs";

const markerOf = (workspace) => join(dirname(workspace), "was-run");

/**
 * Tries every way in which a folder may run its own program: settings, and a module with the
 * server's name.
 */
function prepare(workspace) {
  const marker = markerOf(workspace);
  const program = join(workspace, "codekin-server");
  writeFileSync(program, `#!/bin/sh\ntouch "${marker}"\n`);
  chmodSync(program, 0o755);
  mkdirSync(join(workspace, ".vscode"));
  const settings = { "codekin.path": program, "codekin.interpreter": program, "codekin.embedder": "hashing" };
  writeFileSync(join(workspace, ".vscode/settings.json"), JSON.stringify(settings));
  writeFileSync(join(workspace, "codekin.py"), `open(${JSON.stringify(marker)}, "w").close()\n`);
}

const test = useSession("untrusted", {
  prepare,
  trusted: false,
  settings: { "security.workspace.trust.startupPrompt": "never" },
});

test("search works in restricted mode without the programs and models of the workspace", async ({ bench, editor }) => {
  await bench.says(/Ready.*Model: codekin-static/);
  await bench.openSearch("where is the retry logic?");
  await bench.rows(/call_with_retry/);
  await bench.shot("61-untrusted");
  assert.ok(!existsSync(markerOf(editor.workspace)));
});
