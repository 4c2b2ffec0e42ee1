// How long the extension takes to activate, as the editor itself measures it in windows that are opened one after another:
// `npm run activation`. Milliseconds: reading the code, the call of `activate`, and what that leaves to wait for.
import { startEditor } from "./editor.mjs";
import { openWorkbench, startBrowser } from "./workbench.mjs";

const WINDOWS = 5;
const ROW = ".runtime-extensions-editor .monaco-list-row";

const browser = await startBrowser();
const editor = await startEditor();
try {
  const times = [];
  for (let number = 0; number < WINDOWS; number += 1) times.push(await inNewWindow());
  times.sort((one, other) => one - other);
  console.log(JSON.stringify({ medianMs: times[(WINDOWS - 1) / 2], timesMs: times }));
} finally {
  await browser.close();
  await editor.stop();
}

async function inNewWindow() {
  const bench = await openWorkbench(browser, editor);
  await bench.status().waitFor();
  await bench.command("Developer: Show Running Extensions");
  const text = await bench.page.locator(ROW, { hasText: "Codekin" }).locator(".activation-time").textContent();
  await bench.page.close();
  return Number(/(\d+)ms/.exec(text)[1]);
}
