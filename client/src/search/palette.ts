/**
 * The palette: searches as you type, previews as you move, and opens the result that you choose.
 */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { textOf } from "../errors";
import { documentOf } from "../past";
import type { Answer, FilterValues, Result } from "../protocol";
import { filtersRequest } from "../requests";
import type { Server } from "../server/server";
import { setting } from "../settings";
import { completions, searchable, unfinished } from "./query/completion";
import { askFilter } from "./query/filterPrompt";
import { buttons, REMOVE, toCompletionRow, toMessageRow, toRecentRow, toRow, type Button, type Row } from "./items";
import type { SearchMemory } from "./memory";
import { titleOf, type Message } from "./messages";
import { placeOfSelection, Preview, selectionOf } from "./preview";
import { nameOfFilter, splitQuery, withFilter, type FilterName } from "./query/query";
import { keyOf } from "./rows";
import { Searcher, type Outcome } from "./searcher";

const CONTEXT_OPEN = "codekin.searchOpen";
/** Completes the last step of the walkthrough. */
const CONTEXT_SEARCHED = "codekin.searched";
const REFRESH_MS = 500;
/** Below this confidence of the first result, the server says that all matches are weak. */
const WEAK = 0.15;
/** The first result is previewed if the query rests for this time. */
const REST_MS = 250;

export class Palette implements vscode.Disposable {
  private readonly pick = vscode.window.createQuickPick<Row>();
  private readonly searcher: Searcher;
  private readonly preview = new Preview((result, why) => this.previewFailed(result, why));
  private readonly disposables: vscode.Disposable;
  /** Resolves when the editor is as the end of the palette leaves it. */
  ended: Promise<void> = Promise.resolve();
  private answer: Answer | undefined;
  private messages: readonly Message[] = [];
  /** Requested when the first filter is typed. */
  private known: FilterValues | undefined;
  private suggested: Row[] = [];
  private explain = false;
  private asking = false;
  /** Whether the server was indexing when its status changed last. */
  private indexing = false;
  /** Whether the end of the palette is decided, so that hiding it does not restore the editor. */
  private decided = false;
  /** Whether another palette replaces this one, and closes if an editor takes the focus. */
  private replaced = false;
  /** Whether the answer is not that to the typed text. */
  private pending = false;
  /** Where to open the first result of the pending answer, if Enter was pressed before it. */
  private awaited: vscode.ViewColumn | undefined;
  private restTimer: NodeJS.Timeout | undefined;
  /** The row that the list activates by itself, and whether it has done so. */
  private expected: Row | undefined;
  private settled = false;
  private active: Row | undefined;
  /** The result that the user has moved to since the query changed. */
  private userChoice: Result | undefined;

  constructor(
    private readonly server: Server,
    private readonly memory: SearchMemory,
    query: string,
    /** Filters of earlier searches, which are shown in the title and added to the text. */
    private filters: readonly string[],
    private readonly closed: () => void,
  ) {
    const { pick } = this;
    this.searcher = new Searcher(server, (outcome) => this.showOutcome(outcome));
    pick.placeholder = l10n.t("Ask in words or type a name");
    pick.value = query;
    // The editor marks the query in rows that contain it.
    pick.matchOnDescription = true;
    pick.matchOnDetail = true;
    // Keep the server's order. The API does not declare the property, and older editors ignore it.
    Object.assign(pick, { sortByLabel: false });
    this.disposables = vscode.Disposable.from(
      pick.onDidChangeValue(() => this.typed(setting("search.debounceMs"), true)),
      pick.onDidChangeActive(([row]) => this.activeChanged(row)),
      pick.onDidAccept(() => this.accept(vscode.ViewColumn.Active)),
      pick.onDidTriggerItemButton(({ item, button }) => this.rowButtonPressed(item, button)),
      pick.onDidTriggerButton((button) => this.buttonPressed(button)),
      pick.onDidHide(() => this.hidden()),
      server.onState(() => this.serverChanged()),
    );
    this.showFilters();
    this.typed(0, false);
  }

  show(): void {
    this.pick.show();
    void vscode.commands.executeCommand("setContext", CONTEXT_OPEN, true);
  }

  /**
   * Opens the active row, or completes the query with it. If the rows are not those of the typed
   * text, waits for the answer and opens its first result.
   */
  accept(column: vscode.ViewColumn, row = this.pick.activeItems[0]): void {
    if (row?.query !== undefined) this.complete(row.query, row.isText === true ? this.filters : []);
    else if (this.pending && this.userChoice === undefined) {
      this.awaited = column;
      this.searcher.hurry();
    } else if (row?.command !== undefined) void this.run(row.command);
    else if (row?.result !== undefined) this.open(row.result, column);
  }

  /** Closes the palette and restores the editor, as Escape does. */
  cancel(focus = true): Promise<void> {
    this.decided = true;
    this.pick.hide();
    this.ended = this.preview.restore(focus);
    return this.ended;
  }

  /** Opens another palette, which closes this one. */
  leaveFor(command: string): Thenable<unknown> {
    this.replaced = true;
    return vscode.commands.executeCommand(command);
  }

  dispose(): void {
    clearTimeout(this.restTimer);
    this.searcher.cancel();
    const { words, filters } = splitQuery(this.query);
    this.memory.last = words;
    this.memory.filters = filters;
    if (!this.decided) this.ended = this.preview.leave(!this.replaced);
    this.disposables.dispose();
    this.pick.dispose();
    this.closed();
  }

  /** The text together with the filters in the title, unless the text has one of the same name. */
  private get query(): string {
    const typed = new Set(splitQuery(this.pick.value).filters.map(nameOfFilter));
    const added = this.filters.filter((filter) => !typed.has(nameOfFilter(filter)));
    return [this.pick.value.trim(), ...added].filter((part) => part !== "").join(" ");
  }

  private open(result: Result, column: vscode.ViewColumn): void {
    this.decided = true;
    void this.memory.add(this.query);
    this.memory.opened = placeOfSelection(documentOf(result), selectionOf(result));
    this.pick.hide();
    this.ended = this.preview.choose(result, column);
  }

  private complete(text: string, filters: readonly string[]): void {
    this.filters = filters;
    this.showFilters();
    this.pick.value = text;
    this.typed(0, true);
  }

  private showFilters(): void {
    this.pick.buttons = buttons(this.explain, this.filters);
    this.showTitle();
  }

  private showTitle(): void {
    this.pick.title = [this.filters.join("  "), titleOf(this.answer, setting("search.limit"))]
      .filter((part) => part !== "")
      .join(" — ");
  }

  private async run(command: readonly [string, ...unknown[]]): Promise<void> {
    void this.memory.add(this.query);
    await this.cancel(false);
    await vscode.commands.executeCommand(...command);
  }

  private hidden(): void {
    void vscode.commands.executeCommand("setContext", CONTEXT_OPEN, false);
    if (!this.asking) this.dispose();
  }

  /** `byUser` is false for the query with which the palette opens, which previews nothing. */
  private typed(delayMs: number, byUser: boolean): void {
    this.userChoice = undefined;
    this.awaited = undefined;
    // The old rows remain until the answer arrives, and each key activates the first of them.
    this.expected = this.pick.items[0];
    this.settled = false;
    this.restLater(byUser);
    this.search(delayMs);
  }

  private search(delayMs: number): void {
    this.suggest();
    this.pick.busy = true;
    this.pending = true;
    // Without text, the recent searches are listed.
    this.searcher.ask(this.pick.value.trim() === "" ? "" : this.query, this.explain, delayMs);
  }

  /** Lists values for the filter that is being typed, above the results. */
  private suggest(): void {
    const { value } = this.pick;
    const asked = unfinished(value) !== undefined;
    if (asked && this.known === undefined) void this.loadFilterValues();
    this.suggested = this.known ? completions(value, this.known, new Date()).map(toCompletionRow) : [];
    if (this.suggested.length > 0) this.list();
  }

  private async loadFilterValues(): Promise<void> {
    try {
      this.known = await this.server.request(filtersRequest, {});
    } catch {
      // The search that follows reports the failure, and filters can be typed without completions.
      return;
    }
    this.suggest();
  }

  private showOutcome({ answer, messages, isEmpty = false }: Outcome): void {
    this.pending = false;
    this.answer = answer;
    this.messages = messages;
    this.list(isEmpty ? this.memory.recent.map(toRecentRow) : []);
    this.pick.busy = false;
    this.showTitle();
    const { awaited } = this;
    this.awaited = undefined;
    const first = answer?.results[0];
    if (first) void vscode.commands.executeCommand("setContext", CONTEXT_SEARCHED, true);
    if (awaited !== undefined && first) this.open(first, awaited);
  }

  /** Replaces all rows at once. A result that the user has moved to stays active. */
  private list(recent: readonly Row[] = []): void {
    const { pick, userChoice } = this;
    const now = new Date();
    const results = this.answer?.results ?? [];
    const isWeak = (results[0]?.confidence ?? 1) < WEAK;
    const rows = results.map((result) => toRow(result, now, isWeak));
    const messages = this.suggested.length > 0 && rows.length === 0 ? [] : this.messages.map(toMessageRow);
    const same = userChoice && rows.find(({ result }) => result && keyOf(result) === keyOf(userChoice));
    // An incomplete name filters, but an incomplete language does not.
    const first = this.suggested.length > 0 && !searchable(pick.value) ? undefined : rows[0];
    this.expected = same ?? first;
    this.settled = false;
    pick.keepScrollPosition = same !== undefined;
    pick.items = [...this.suggested, ...rows, ...messages, ...recent];
    if (this.expected) pick.activeItems = [this.expected];
  }

  /**
   * Previews a row that the user moves to, but not one that the list activates with each answer.
   */
  private activeChanged(row: Row | undefined): void {
    if (row?.result === undefined || row === this.active) return;
    this.active = row;
    if (!this.settled && (row === this.expected || row === this.pick.items[0])) {
      this.settled = row === this.expected;
      return;
    }
    this.settled = true;
    this.userChoice = row.result;
    this.preview.show(row.result);
  }

  /** Previews the first result when the query rests, unless the user has moved to another. */
  private restLater(byUser: boolean): void {
    clearTimeout(this.restTimer);
    if (!byUser) return;
    this.restTimer = setTimeout(() => {
      if (this.pending) return this.restLater(true);
      const first = this.answer?.results[0];
      if (first && this.userChoice === undefined && this.suggested.length === 0) this.preview.show(first);
    }, REST_MS);
  }

  /** Says why a result cannot be shown. The row of a file that no longer exists is removed. */
  private previewFailed(result: Result, why: string | undefined): void {
    const { pick } = this;
    pick.title = why ?? l10n.t("{0} no longer exists", result.path);
    if (why !== undefined) return;
    pick.items = pick.items.filter((row) => row.result === undefined || keyOf(row.result) !== keyOf(result));
  }

  /** Searches again while more is being indexed, and once it is. */
  private serverChanged(): void {
    const { state } = this.server;
    const wasIndexing = this.indexing;
    this.indexing = state.kind === "running" && state.status?.state === "indexing";
    const incomplete = this.answer === undefined || !this.answer.coverage.complete;
    if ((incomplete || this.indexing || wasIndexing) && !this.asking) this.search(this.answer ? REFRESH_MS : 0);
  }

  private rowButtonPressed(row: Row, button: vscode.QuickInputButton): void {
    if (button !== REMOVE || row.recent === undefined) return this.accept(vscode.ViewColumn.Beside, row);
    void this.memory.remove(row.recent).then(() => this.search(0));
  }

  private buttonPressed(button: Button): void {
    if (button.filter !== undefined) {
      void this.ask(button.filter);
      return;
    }
    if (button.all) {
      void this.run(["codekin.searchIntoResults", this.query]);
      return;
    }
    if (button.drops !== undefined) {
      const { drops } = button;
      this.complete(
        this.pick.value,
        this.filters.filter((filter) => filter !== drops),
      );
      return;
    }
    this.explain = !this.explain;
    this.showFilters();
    this.typed(0, false);
  }

  /** Prompts for the values of a filter. The prompt replaces the palette until it is closed. */
  private async ask(filter: FilterName): Promise<void> {
    this.asking = true;
    // The filters in the title become text, where the new values are.
    let value = this.query;
    this.filters = [];
    this.showFilters();
    try {
      this.known ??= await this.server.request(filtersRequest, {});
      const values = await askFilter(filter, value, this.known);
      if (values !== undefined) value = withFilter(value, filter, values);
    } catch (error) {
      void vscode.window.showErrorMessage(l10n.t("Codekin: {0}", textOf(error)));
    } finally {
      this.asking = false;
      // Text that is present when the palette appears is selected, and the next key would replace
      // it.
      this.pick.value = "";
      this.show();
      this.pick.value = value;
      this.typed(0, true);
    }
  }
}
