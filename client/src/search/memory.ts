/** The searches of this workspace, newest first, and the query with which the palette opens again. */
import type * as vscode from "vscode";

const KEY = "codekin.searches";
const MAX_SEARCHES = 20;

export class SearchMemory {
  /** The words that were searched when the palette was closed. They live as long as the window. */
  last = "";
  /** The filters that were set then, which stay until they are dropped. */
  filters: readonly string[] = [];
  /** The location that the palette opened last, whose selection is not a new query. */
  opened = "";

  constructor(private readonly state: Pick<vscode.Memento, "get" | "update">) {}

  get recent(): readonly string[] {
    return this.state.get<string[]>(KEY, []);
  }

  /** Moves a query to the front. */
  async add(query: string): Promise<void> {
    const text = query.trim();
    if (text === "") return;
    await this.state.update(KEY, [text, ...this.recent.filter((other) => other !== text)].slice(0, MAX_SEARCHES));
  }

  async remove(query: string): Promise<void> {
    await this.state.update(
      KEY,
      this.recent.filter((other) => other !== query),
    );
  }
}
