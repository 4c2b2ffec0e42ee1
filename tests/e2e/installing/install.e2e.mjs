// The private environment, from installation to a search, on a machine that does not have codekin.
// It needs the package index that pip is configured for, because the wheel requires other packages.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fakePython } from "../support/machine.mjs";
import { ROOT, pythonPath } from "../support/places.mjs";
import { useSession } from "../support/session.mjs";
import { until } from "../support/until.mjs";

const INDEX_TIMEOUT_MS = 60_000;
const INSTALLED_MS = 400_000;
const skip = hasIndex() ? false : "no package index can be reached";
const settings = { "codekin.deep": "auto" };
const test = useSession("install", { settings, machine: {}, own: false, installs: true, skip, prepare });

test("the palette offers to install the server, and then search works", async ({ bench, editor, context }) => {
  const started = performance.now();
  await bench.says(/The codekin server is not installed/);
  await bench.openSearch();
  await bench.rows(/Install the Server/);
  await bench.page.keyboard.press("Enter");
  const dialog = bench.page.locator(".monaco-dialog-box", { hasText: "the server that is part of this extension" });
  await dialog.waitFor();
  await bench.shot("70-install");
  await dialog.locator(".monaco-button", { hasText: /^Install$/ }).click();
  await bench.says(/Ready/, INSTALLED_MS);
  assert.ok(existsSync(environmentOf(editor)));
  await bench.openSearch("where is the retry logic?");
  await bench.rows(/call_with_retry/);
  // For information only: most of it is the time of the package index.
  context.diagnostic(`${((performance.now() - started) / 1000).toFixed(0)} s from the window to the first result`);
  await bench.shot("71-installed");
});

test("the installed Python is listed with its version of codekin", async ({ bench }) => {
  await bench.command("Codekin: Choose Interpreter");
  await bench.rows(/has codekin \d/);
  await bench.shot("72-interpreters");
});

test("the menu offers the deep model with its size, and then it embeds the workspace", async ({ bench, context }) => {
  if (!readdirSync(join(ROOT, "dist/wheel")).some((name) => name.startsWith("codekin_deep_model-")))
    return context.skip("the extension was packaged without the deep model");
  const started = performance.now();
  await bench.closePalette();
  await bench.status().locator("a").click();
  const row = bench.page.locator(".quick-input-widget .monaco-list-row", { hasText: "Install Deep Model" });
  await row.waitFor();
  assert.match(await row.innerText(), /34 MB/);
  await bench.shot("73-deep-offered");
  await row.click();
  const dialog = bench.page.locator(".monaco-dialog-box", { hasText: "Install the deep model?" });
  await dialog.waitFor();
  await bench.shot("74-deep-model");
  await dialog.locator(".monaco-button", { hasText: /^Install$/ }).click();
  await bench.says(/being installed/);
  await bench.says(/Deep model [^,]+: \d+ of \d+ chunks embedded/, INSTALLED_MS);
  context.diagnostic(`${((performance.now() - started) / 1000).toFixed(0)} s from the menu to the deep model`);
  await bench.command("Codekin: Install Deep Model…");
  await bench.page.locator(".notification-toast", { hasText: /already installed.*chunks embedded/ }).waitFor();
});

test("an environment that replaces one with the deep model gets the model too", async ({ bench, editor, context }) => {
  if (!hasModel(editor)) return context.skip("the deep model was not installed");
  const ofBefore = join(environmentOf(editor), "before");
  writeFileSync(ofBefore, "");
  await bench.command("Codekin: Install Server in a Private Environment");
  await bench.page.locator(".monaco-dialog-box .monaco-button", { hasText: /^Install$/ }).click();
  await until(() => !existsSync(ofBefore) && !hasModel(editor), "an environment without the model", INSTALLED_MS);
  await until(() => hasModel(editor), "an environment with the model", INSTALLED_MS);
  await bench.page
    .locator(".notification-toast", { hasText: /Installing the deep model/ })
    .waitFor({ state: "hidden" });
  await bench.says(/Deep model [^,]+: \d+ of \d+ chunks embedded/, INSTALLED_MS);
});

test("an installation over another that is cancelled leaves a server that is not installed", async ({
  bench,
  editor,
}) => {
  await bench.closePalette();
  await bench.command("Codekin: Choose Interpreter");
  await bench.page.locator(".quick-input-widget .monaco-list-row", { hasText: "Enter Path" }).click();
  await bench.page.locator(".quick-input-widget", { hasText: "Absolute path of a Python interpreter" }).waitFor();
  await bench.page.keyboard.type(join(editor.base, "slow"));
  await bench.page.keyboard.press("Enter");
  await bench.page.locator(".monaco-dialog-box .monaco-button", { hasText: /^Install$/ }).click();
  const toast = bench.page.locator(".notification-toast", { hasText: /Installing Codekin/ });
  await toast.locator("a", { hasText: "Cancel" }).click();
  await bench.says(/The codekin server is not installed/);
  assert.ok(!existsSync(environmentOf(editor)));
});

const environmentOf = ({ data }) => join(data, "User/globalStorage/codekin.codekin/env");

function hasModel(editor) {
  const libraries = join(environmentOf(editor), "lib");
  const names = existsSync(libraries) ? readdirSync(libraries) : [];
  return names.some((name) => existsSync(join(libraries, name, "site-packages/codekin_deep_model/model.onnx")));
}

function prepare(workspace) {
  fakePython(join(dirname(workspace), "slow"), { version: [3, 12], otherwise: "sleep 600" });
}

function hasIndex() {
  const folder = mkdtempSync(join(tmpdir(), "codekin-index-"));
  const pip = ["-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, "click"];
  try {
    return spawnSync(pythonPath(), pip, { timeout: INDEX_TIMEOUT_MS }).status === 0;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
