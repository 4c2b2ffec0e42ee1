// The workbench as a user operates it, by keys and what is on the screen.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { ARTEFACTS, chromiumPath } from "./places.mjs";
import { DEADLINE_MS, until } from "./until.mjs";

const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
];
/** Number of identical reads, 50 ms apart, after which rows have settled. */
const SETTLED = 5;
const VIEWPORT = { width: 1280, height: 800 };
const ROW = ".quick-input-widget .monaco-list-row";

export const startBrowser = () => chromium.launch({ executablePath: chromiumPath(), args: ARGUMENTS });

export async function openWorkbench(browser, { url, workspace }, look = { viewport: VIEWPORT }) {
  const page = await browser.newPage(look);
  page.setDefaultTimeout(DEADLINE_MS);
  await page.context().tracing.start({ title: workspace });
  const left = [];
  await page.route("**/*", (route) => {
    const stays = staysHere(route.request().url());
    if (!stays) left.push(route.request().url());
    return stays ? route.continue() : route.abort();
  });
  page.on("websocket", (socket) => {
    if (!staysHere(socket.url())) left.push(socket.url());
  });
  await page.goto(url);
  await page.waitForSelector(".monaco-workbench .part.statusbar");
  return new Workbench(page, workspace, left);
}

function staysHere(url) {
  const { protocol, hostname } = new URL(url);
  return !/^(?:http|ws)s?:$/.test(protocol) || hostname === "127.0.0.1" || hostname === "localhost";
}

/**
 * Returns the accessible labels of the rows of a list, in order, once they match and have settled.
 */
export async function settledRows(list, fit, what, timeoutMs = DEADLINE_MS) {
  // Rows are recycled: their position is in an attribute, and their text may contain hidden parts.
  const read = () =>
    list.evaluateAll((rows) =>
      rows
        .sort((one, other) => Number(one.dataset.index) - Number(other.dataset.index))
        .map((row) => row.getAttribute("aria-label") ?? ""),
    );
  let rows = [];
  let same = 0;
  const settled = async () => {
    const now = await read();
    same = JSON.stringify(now) === JSON.stringify(rows) ? same + 1 : 0;
    rows = now;
    return fit(rows) && same >= SETTLED;
  };
  await until(settled, what, timeoutMs).catch((error) => {
    throw new Error(`${error.message}; there were ${JSON.stringify(rows)}`);
  });
  return rows;
}

export class Workbench {
  /** `left` contains the requests that would have left this machine. */
  constructor(page, workspace, left) {
    this.page = page;
    this.workspace = workspace;
    this.left = left;
  }

  status() {
    return this.page.locator("#codekin\\.codekin\\.status");
  }

  /** Waits until the accessible label of the status item matches. */
  async says(text, timeoutMs = DEADLINE_MS) {
    const read = async () => (await this.status().locator("a").getAttribute("aria-label")) ?? "";
    await until(async () => text.test(await read()), `a status like ${text}`, timeoutMs).catch(async (error) => {
      throw new Error(`${error.message}; it was ${await read()}`);
    });
  }

  /** Waits until the index is complete. */
  ready() {
    return this.says(/Ready/);
  }

  /** Selects an action of the status item's menu. */
  async action(label) {
    await this.status().locator("a").click();
    await this.page.locator(`${ROW}[aria-label*="${label}"]`).click();
  }

  async command(title) {
    await this.page.keyboard.press("F1");
    await this.page.fill(".quick-input-widget input", `>${title}`);
    await this.page.locator(`${ROW}[aria-label^="${title}"]`).first().click();
    await this.closed();
  }

  /** Waits until no palette is open, so that it does not receive the next keys. */
  closed() {
    return this.page.locator(".quick-input-widget").waitFor({ state: "hidden" });
  }

  async openSearch(query = "") {
    // A pointer over the palette would show hovers.
    await this.page.mouse.move(700, 760);
    // Only a visible palette gets Escape, which would otherwise close notifications.
    if (await this.page.locator(".quick-input-widget").isVisible()) await this.page.keyboard.press("Escape");
    await this.closed();
    await this.page.keyboard.press("Control+Alt+K");
    await this.page.locator(".quick-input-widget input[type=text]").waitFor();
    if (query) await this.page.keyboard.type(query, { delay: 15 });
  }

  /**
   * Returns the rows once the first of them matches and they have settled: at first they are those
   * of the previous query.
   */
  async rows(first, timeoutMs = DEADLINE_MS) {
    return settledRows(
      this.page.locator(ROW),
      (rows) => first.test(rows[0] ?? ""),
      `a first row like ${first}`,
      timeoutMs,
    );
  }

  /**
   * Returns the file and the cursor of the active editor, such as "carriers.py" and "Ln 11, Col 1".
   */
  async place() {
    const tab = this.page.locator(".part.editor .editor-group-container.active .tab.active .label-name").last();
    const cursor = this.page.locator("#status\\.editor\\.selection");
    return { file: await tab.textContent(), cursor: await cursor.textContent() };
  }

  async at(file, line) {
    await until(async () => {
      const place = await this.place().catch(() => undefined);
      return place?.file === file && place.cursor?.startsWith(`Ln ${line},`);
    }, `${file} at line ${line}`).catch(async (error) => {
      throw new Error(`${error.message}; it was ${JSON.stringify(await this.place())}`);
    });
  }

  async openFile(path, line) {
    await this.page.keyboard.press("Control+P");
    await this.page.locator(".quick-input-widget input[type=text]").fill(`${this.workspace}/${path}:${line}`);
    await this.rows(new RegExp(path.slice(path.lastIndexOf("/") + 1)));
    await this.page.keyboard.press("Enter");
    await this.at(path.slice(path.lastIndexOf("/") + 1), line);
  }

  async shot(name) {
    mkdirSync(ARTEFACTS, { recursive: true });
    await this.page.screenshot({ path: join(ARTEFACTS, `${name}.png`) });
  }

  /** Starts a trace, which is kept if `endTrace` gets a name. */
  startTrace() {
    return this.page.context().tracing.startChunk();
  }

  endTrace(name) {
    return this.page.context().tracing.stopChunk(name ? { path: join(ARTEFACTS, `${name}.trace.zip`) } : {});
  }
}
