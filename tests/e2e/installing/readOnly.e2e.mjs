// The first run where the extension cannot write its storage folder.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { cannotMakeMachines, withReadOnly } from "../support/machine.mjs";
import { pythonPath } from "../support/places.mjs";
import { useSession } from "../support/session.mjs";

const storageOf = (base) => join(base, "data/User/globalStorage/codekin.codekin");
const test = useSession("read-only", {
  machine: { "codekin.path": "" },
  prepare: (workspace) => mkdirSync(storageOf(dirname(workspace)), { recursive: true }),
  within: (base) => withReadOnly(storageOf(base)),
  skip: cannotMakeMachines(),
});

test("the installation names the folder, and offers another Python", async ({ bench, editor }) => {
  await bench.command("Codekin: Install Server in a Private Environment");
  const toast = bench.page.locator(".notification-toast", { hasText: /cannot be written/ });
  assert.ok((await toast.textContent()).includes(storageOf(editor.base)));
  for (const label of ["Choose Interpreter", "Try Again"]) await toast.locator("a", { hasText: label }).waitFor();
  await bench.shot("76-read-only");
});

test("a Python that has codekin searches without the folder", async ({ bench, editor }) => {
  await bench.command("Notifications: Clear All Notifications");
  editor.setMachine({ "codekin.interpreter": pythonPath() });
  await bench.ready();
  await bench.openSearch("where is the retry logic?");
  await bench.rows(/call_with_retry/);
});
