// A server that never gets ready: the editor does not wait for it.
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { useSession } from "./support/session.mjs";

/** Says that it is codekin, and then nothing to whatever it is asked. */
const DEAF = `#!/bin/sh
if [ "$1" = --version ]; then echo "codekin 0"; else cat > /dev/null; fi
`;

function prepare(workspace) {
  const program = join(workspace, "../deaf");
  writeFileSync(program, DEAF);
  chmodSync(program, 0o755);
  mkdirSync(join(workspace, ".vscode"));
  writeFileSync(join(workspace, ".vscode/settings.json"), JSON.stringify({ "codekin.path": program }));
}

const test = useSession("starting", { prepare });

test("activation waits for nothing", async ({ bench, context }) => {
  await bench.says(/The server is starting/);
  await bench.command("Developer: Show Running Extensions");
  const row = bench.page.locator(".runtime-extensions-editor .monaco-list-row", { hasText: "Codekin" });
  const time = row.locator(".activation-time", { hasText: /\d+ms/ }); // "Activating..." until then
  await time.waitFor();
  // A figure for people: other extensions start in the same process at the same time.
  context.diagnostic(await time.textContent());
  await bench.says(/The server is starting/);
});

test("the palette says what it waits for", async ({ bench }) => {
  await bench.openSearch("retry");
  await bench.rows(/The codekin server is starting/);
});
