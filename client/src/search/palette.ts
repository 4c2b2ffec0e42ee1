/**
 * The palette: searches as you type, previews as you move, and opens the result that you choose.
 */
import * as vscode from "vscode";
import { textOf } from "../errors";
import type { Answer, FilterValues, Result } from "../protocol";
import { filtersRequest } from "../requests";
import type { Server } from "../server/server";
import { setting } from "../settings";
import { completions, searchable, unfinished } from "./query/completion";
import { askFilter } from "./query/filterPrompt";
import { buttons, toCompletionRow, toMessageRow, toRow, type Button, type Row } from "./items";
import { titleOf } from "./messages";
import { Preview } from "./preview";
import { withFilter, type FilterName } from "./query/query";
import { keyOf } from "./rows";
import { Searcher, type Outcome } from "./searcher";

const CONTEXT_OPEN = "codekin.searchOpen";
const REFRESH_MS = 500;

export class Palette implements vscode.Disposable {
  private readonly pick = vscode.window.createQuickPick<Row>();
  private readonly searcher: Searcher;
  private readonly preview = new Preview();
  private readonly disposables: vscode.Disposable;
  private answer: Answer | undefined;
  /** Requested when the first filter is typed. */
  private known: FilterValues | undefined;
  private suggested: Row[] = [];
  private explain = false;
  private asking = false;
  private chosen = false;
  /** The row that the list activates by itself, and whether it has done so. */
  private expected: Row | undefined;
  private settled = false;
  private active: Row | undefined;
  /** The result that the user has moved to since the query changed. */
  private userChoice: Result | undefined;

  constructor(
    private readonly server: Server,
    query: string,
    private readonly closed: () => void,
  ) {
    const { pick } = this;
    this.searcher = new Searcher(server, (outcome) => this.showOutcome(outcome));
    pick.placeholder = "Ask in words or type a name";
    pick.value = query;
    // Keep the server's order. The API does not declare the property, and older editors ignore it.
    Object.assign(pick, { sortByLabel: false });
    this.disposables = vscode.Disposable.from(
      pick.onDidChangeValue(() => this.typed(setting("search.debounceMs"))),
      pick.onDidChangeActive(([row]) => this.activeChanged(row)),
      pick.onDidAccept(() => this.accept(vscode.ViewColumn.Active)),
      pick.onDidTriggerItemButton(({ item }) => this.accept(vscode.ViewColumn.Beside, item)),
      pick.onDidTriggerButton((button) => this.buttonPressed(button)),
      pick.onDidHide(() => this.hidden()),
      server.onState(() => this.serverChanged()),
    );
    this.pick.buttons = buttons(this.explain);
    this.typed(0);
  }

  show(): void {
    this.pick.show();
    void vscode.commands.executeCommand("setContext", CONTEXT_OPEN, true);
  }

  /** Opens the active row, or completes the query with it. */
  accept(column: vscode.ViewColumn, row = this.pick.activeItems[0]): void {
    if (row?.query !== undefined) {
      this.pick.value = row.query;
      this.typed(0);
      return;
    }
    const result = row?.result;
    if (result === undefined) return;
    this.chosen = true;
    this.pick.hide();
    void this.preview.choose(result, column);
  }

  dispose(): void {
    this.searcher.cancel();
    if (!this.chosen) void this.preview.restore();
    this.disposables.dispose();
    this.pick.dispose();
    this.closed();
  }

  private hidden(): void {
    void vscode.commands.executeCommand("setContext", CONTEXT_OPEN, false);
    if (!this.asking) this.dispose();
  }

  private typed(delayMs: number): void {
    this.userChoice = undefined;
    // The old rows remain until the answer arrives, and each key activates the first of them.
    this.expected = this.pick.items[0];
    this.settled = false;
    this.search(delayMs);
  }

  private search(delayMs: number): void {
    this.suggest();
    this.pick.busy = true;
    this.searcher.ask(this.pick.value, this.explain, delayMs);
  }

  /** Lists values for the filter that is being typed, above the results. */
  private suggest(): void {
    const { value } = this.pick;
    const asked = unfinished(value) !== undefined;
    if (asked && this.known === undefined) void this.loadFilterValues();
    this.suggested = this.known ? completions(value, this.known, new Date()).map(toCompletionRow) : [];
    if (this.suggested.length > 0) this.list(this.answer?.results ?? []);
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

  private showOutcome({ answer, message }: Outcome): void {
    this.answer = answer;
    if (this.suggested.length > 0) {
      this.list(answer?.results ?? []);
    } else if (message) {
      this.expected = undefined;
      this.pick.items = [toMessageRow(message)];
    } else {
      this.list(answer?.results ?? []);
    }
    this.pick.busy = false;
    this.pick.title = titleOf(answer);
  }

  /** Replaces all rows at once. A result that the user has moved to stays active. */
  private list(results: readonly Result[]): void {
    const { pick, userChoice } = this;
    const now = new Date();
    const rows = results.map((result) => toRow(result, now));
    const same = userChoice && rows.find(({ result }) => result && keyOf(result) === keyOf(userChoice));
    // An incomplete name filters, but an incomplete language does not.
    const first = this.suggested.length > 0 && !searchable(pick.value) ? undefined : rows[0];
    this.expected = same ?? first;
    this.settled = false;
    pick.keepScrollPosition = same !== undefined;
    pick.items = [...this.suggested, ...rows];
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

  private serverChanged(): void {
    const incomplete = this.answer === undefined || !this.answer.coverage.complete;
    if (incomplete && !this.asking) this.search(this.answer ? REFRESH_MS : 0);
  }

  private buttonPressed(button: Button): void {
    if (button.filter !== undefined) {
      void this.ask(button.filter);
      return;
    }
    if (button.all) {
      void vscode.commands.executeCommand("codekin.searchIntoResults", this.pick.value);
      this.pick.hide();
      return;
    }
    this.explain = !this.explain;
    this.pick.buttons = buttons(this.explain);
    this.typed(0);
  }

  /** Prompts for the values of a filter. The prompt replaces the palette until it is closed. */
  private async ask(filter: FilterName): Promise<void> {
    this.asking = true;
    let { value } = this.pick;
    try {
      this.known ??= await this.server.request(filtersRequest, {});
      const values = await askFilter(filter, value, this.known);
      if (values !== undefined) value = withFilter(value, filter, values);
    } catch (error) {
      void vscode.window.showErrorMessage(`Codekin: ${textOf(error)}`);
    } finally {
      this.asking = false;
      // Text that is present when the palette appears is selected, and the next key would replace
      // it.
      this.pick.value = "";
      this.show();
      this.pick.value = value;
      this.typed(0);
    }
  }
}
