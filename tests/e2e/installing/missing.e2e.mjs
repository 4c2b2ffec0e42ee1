// A missing server: its messages, and an installation that fails or is cancelled.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fakePython } from "../support/machine.mjs";
import { useSession } from "../support/session.mjs";
import { until } from "../support/until.mjs";

const PYTHONS = {
  old: { version: [3, 8] },
  slow: { version: [3, 12], otherwise: `for folder; do :; done; mkdir -p "$folder"; sleep 600` },
  offline: { version: [3, 12], otherwise: "echo 'Temporary failure in name resolution' >&2; exit 1" },
};

function prepare(workspace) {
  for (const [name, python] of Object.entries(PYTHONS)) fakePython(join(dirname(workspace), name), python);
}

const test = useSession("missing", { machine: { "codekin.interpreter": "/nowhere/python" }, prepare });

async function choose(bench, path) {
  await bench.command("Codekin: Choose Interpreter");
  await bench.page.locator(".quick-input-widget .monaco-list-row", { hasText: "Enter Path" }).click();
  await bench.page.locator(".quick-input-widget", { hasText: "Absolute path of a Python interpreter" }).waitFor();
  await bench.page.keyboard.type(path);
  await bench.page.keyboard.press("Enter");
}

async function install(bench, path) {
  await choose(bench, path);
  await bench.page.locator(".monaco-dialog-box .monaco-button", { hasText: /^Install$/ }).click();
}

test("an interpreter that cannot be run is named in the status, the message and the palette", async ({ bench }) => {
  const { page } = bench;
  await bench.says(/codekin\.interpreter does not name a usable program: \/nowhere\/python cannot be run/);
  const toast = page.locator(".notification-toast", { hasText: "/nowhere/python" });
  await toast.waitFor();
  await bench.command("Codekin: Focus on Related Code View");
  await page.locator(".welcome-view-content", { hasText: "Choose Interpreter" }).waitFor();
  await bench.shot("31-missing");
  await bench.openSearch();
  const rows = await bench.rows(/Install the Server.*\/nowhere\/python/);
  assert.match(rows.join("\n"), /Choose Interpreter/);
  await bench.shot("30-missing-palette");
});

test("the installation is explained before it starts", async ({ bench }) => {
  await bench.command("Codekin: Install Server in a Private Environment");
  const dialog = bench.page.locator(".monaco-dialog-box", { hasText: "After that, nothing is downloaded" });
  await dialog.waitFor();
  await bench.shot("32-install");
  await dialog.locator(".monaco-button", { hasText: "Cancel" }).click();
});

test("a Python that is too old is refused with the reason", async ({ bench, editor }) => {
  await choose(bench, join(editor.base, "old"));
  const toast = bench.page.locator(".notification-toast", { hasText: /Python 3\.8.*older than 3\.10/ });
  await toast.locator("a", { hasText: "Choose Interpreter" }).waitFor();
  await bench.command("Notifications: Clear All Notifications");
});

test("a failed installation offers to try again and leaves no environment", async ({ bench, editor }) => {
  await install(bench, join(editor.base, "offline"));
  const toast = bench.page.locator(".notification-toast", { hasText: /package index cannot be reached/ });
  await bench.shot("33-install-failed");
  assert.ok(!existsSync(environmentOf(editor)));
  await toast.locator("a", { hasText: "Try Again" }).click();
  const again = bench.page.locator(".monaco-dialog-box", { hasText: `from ${join(editor.base, "offline")} (` });
  await again.locator(".monaco-button", { hasText: "Cancel" }).click();
  await bench.command("Notifications: Clear All Notifications");
});

test("a cancelled installation leaves no environment and offers to try again", async ({ bench, editor }) => {
  await install(bench, join(editor.base, "slow"));
  await until(() => existsSync(environmentOf(editor)), "the environment to be begun");
  const toast = bench.page.locator(".notification-toast", { hasText: /Installing Codekin/ });
  await toast.locator("a", { hasText: "Cancel" }).click();
  await until(() => !existsSync(environmentOf(editor)), "the environment to be gone");
  const cancelled = bench.page.locator(".notification-toast", { hasText: /installation was cancelled/ });
  await cancelled.locator("a", { hasText: "Try Again" }).waitFor();
  await bench.shot("34-install-cancelled");
});

const environmentOf = ({ data }) => join(data, "User/globalStorage/codekin.codekin/env");
