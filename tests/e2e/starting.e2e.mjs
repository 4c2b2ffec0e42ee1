// A server that never becomes ready: the editor does not wait for it.
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { useSession } from "./support/session.mjs";

/** Identifies itself as codekin and then answers nothing. */
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

test("activation does not wait for the server", async ({ bench, context }) => {
  await bench.says(/The server is starting/);
  await bench.command("Developer: Show Running Extensions");
  const row = bench.page.locator(".runtime-extensions-editor .monaco-list-row", { hasText: "Codekin" });
  const time = row.locator(".activation-time", { hasText: /\d+ms/ }); // "Activating..." until then
  await time.waitFor();
  // For information only: other extensions activate in the same process at the same time.
  context.diagnostic(await time.textContent());
  await bench.says(/The server is starting/);
});

test("the palette shows that the server is starting", async ({ bench }) => {
  await bench.openSearch("retry");
  await bench.rows(/The codekin server is starting/);
});
