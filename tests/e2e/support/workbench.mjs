// The workbench as a user operates it, by keys and what is on the screen.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, errors } from "playwright-core";
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
const PALETTE = ".quick-input-widget";
const FOCUSED_ROW = ".monaco-list-row.focused";
const ROW = `${PALETTE} .monaco-list-row`;
/** Limit for one use of a palette, which something else may close: then it is opened again. */
const PALETTE_TRY_MS = 5_000;
const FOLDERS_TRY_MS = 20_000;

export function startBrowser() {
  // Playwright does not remove the folder that it would choose itself.
  const tracesDir = mkdtempSync(join(tmpdir(), "codekin-traces-"));
  process.once("exit", () => rmSync(tracesDir, { recursive: true, force: true }));
  return chromium.launch({ executablePath: chromiumPath(), args: ARGUMENTS, tracesDir });
}

export async function openWorkbench(browser, { url, workspace, roots }, look = { viewport: VIEWPORT }) {
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
  if (roots.length > 1) await hasFolders(page, roots);
  return new Workbench(page, workspace, left);
}

/**
 * Waits until the explorer shows these folders, and loads the window again if it does not. A window
 * of several folders remains without any if the editor reads the list of folders while it creates
 * the workspace, which happens on busy machines. The second time the list is in the browser's cache.
 */
async function hasFolders(page, names) {
  const folder = (name) => page.locator(`.explorer-folders-view .monaco-list-row[aria-label^="${name}"]`);
  const shown = async () => {
    try {
      for (const name of names) await folder(name).first().waitFor({ timeout: FOLDERS_TRY_MS });
      return true;
    } catch (error) {
      if (!(error instanceof errors.TimeoutError)) throw error;
      await page.reload();
      await page.waitForSelector(".monaco-workbench .part.statusbar");
      return false;
    }
  };
  await until(shown, `the folders ${names.join(" and ")}`);
}

/** Runs in the page: returns a point of the lowest line that a click at the point would reach. */
function lowestVisible(lines) {
  const points = lines
    .map((line) => ({ line, box: line.getBoundingClientRect() }))
    .map(({ line, box }) => ({ line, x: box.x + box.height, y: box.y + box.height / 2 }))
    .filter(({ line, x, y }) => line.contains(document.elementFromPoint(x, y)))
    .sort((one, other) => other.y - one.y);
  return points.length > 0 ? { x: points[0].x, y: points[0].y } : undefined;
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
    await this.choose((row) => row.includes(label), label);
    await this.closed();
  }

  /** Runs a command. Its title may be followed by its key or by the name of a group. */
  async command(title) {
    await this.inPalette("F1", async (input) => {
      await input.fill(`>${title}`, { timeout: PALETTE_TRY_MS });
      await this.choose((row) => row === title || row.startsWith(`${title}, `), title, PALETTE_TRY_MS);
    });
    await until(() => this.leftCommands(), `the palette to leave after ${title}`);
  }

  /** Returns whether no commands are listed: a command may have opened an input in the same place. */
  async leftCommands() {
    const input = this.page.locator(`${PALETTE} input[type=text]:visible`);
    const texts = await input.evaluateAll((inputs) => inputs.map(({ value }) => value));
    return !texts.some((text) => text.startsWith(">"));
  }

  /**
   * Chooses a row of the open palette by its label and with the keyboard. A click would be lost if
   * the list were drawn again between the press and the release of the button.
   */
  async choose(fit, what, timeoutMs = DEADLINE_MS) {
    await this.selectRow(fit, what, timeoutMs);
    await this.page.keyboard.press("Enter");
  }

  /** Moves down in the open palette to a row. A key may come before the list takes keys. */
  async selectRow(fit, what, timeoutMs = DEADLINE_MS) {
    const list = this.page.locator(ROW);
    await settledRows(list, (rows) => rows.some(fit), `a row ${what}`, timeoutMs);
    const focused = this.page.locator(`${PALETTE}:focus-within ${FOCUSED_ROW}`);
    const reached = async () => {
      if (fit((await focused.getAttribute("aria-label", { timeout: timeoutMs })) ?? "")) return true;
      await this.page.keyboard.press("ArrowDown");
      return false;
    };
    await until(reached, `the focus on ${what}`, timeoutMs);
  }

  /**
   * Opens a palette with a key and uses its input. Does so again if the palette was closed or
   * replaced meanwhile, for example by an editor that took the focus. The palette is closed first: the
   * key that opens an open palette changes nothing, and a command that has become available since
   * would not be listed.
   */
  async inPalette(key, use) {
    const input = this.page.locator(`${PALETTE} input[type=text]`);
    let failure;
    const used = async () => {
      await this.page.keyboard.press(key);
      try {
        await input.waitFor({ timeout: PALETTE_TRY_MS });
        await use(input);
        return true;
      } catch (error) {
        failure = error;
        await this.closePalette();
        return false;
      }
    };
    await until(used, `a use of the palette of ${key}`).catch(({ message }) => {
      throw new Error(message, { cause: failure });
    });
  }

  /** Waits until no palette is open, so that it does not receive the next keys. */
  closed() {
    return this.page.locator(PALETTE).waitFor({ state: "hidden" });
  }

  async closePalette() {
    // Only a visible palette gets Escape, which would otherwise close notifications.
    if (await this.page.locator(PALETTE).isVisible()) await this.page.keyboard.press("Escape");
    await this.closed();
  }

  /** Opens the palette. A query is searched without the filters of earlier searches. */
  async openSearch(query = "") {
    // A pointer over the palette would show hovers.
    await this.page.mouse.move(700, 760);
    await this.closePalette();
    await this.inPalette("Control+Shift+Alt+F", async (input) => {
      if (query) await this.removeFilters();
      if (query) await input.pressSequentially(query, { delay: 15, timeout: PALETTE_TRY_MS });
    });
  }

  async removeFilters() {
    const filters = this.page.locator(`${PALETTE} .quick-input-titlebar a[aria-label^="Remove "]`);
    for (let count = await filters.count(); count > 0; count -= 1) {
      await filters.first().click({ timeout: PALETTE_TRY_MS });
      await until(async () => (await filters.count()) < count, "a filter to be removed", PALETTE_TRY_MS);
    }
    await this.page.mouse.move(700, 760);
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
    const name = path.slice(path.lastIndexOf("/") + 1);
    await this.inPalette("Control+P", async (input) => {
      await input.fill(`${this.workspace}/${path}:${line}`, { timeout: PALETTE_TRY_MS });
      await this.rows(new RegExp(name), PALETTE_TRY_MS);
      await this.page.keyboard.press("Enter");
    });
    await this.at(name, line);
  }

  /**
   * Clicks the lowest line of the editor that nothing covers at the point of the click, neither a
   * palette nor a scrollbar.
   */
  async clickVisibleLine() {
    const point = await until(
      () => this.page.locator(".part.editor .view-line").evaluateAll(lowestVisible),
      "a line that nothing covers",
    );
    await this.page.mouse.click(point.x, point.y);
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
