/** The Results view in the panel: the results of one search, grouped by file, to step through. */
import * as vscode from "vscode";
import { textOf } from "../errors";
import type { Answer, Result } from "../protocol";
import { searchRequest } from "../requests";
import { Latest } from "../search/query/latest";
import { open } from "../search/preview";
import { searchParams } from "../search/query/params";
import type { Server } from "../server/server";
import { setting } from "../settings";
import { summary } from "./groups";
import { ResultsTree, type Node } from "./tree";

const CONTEXT_FILLED = "codekin.hasResults";

export class ResultsView implements vscode.Disposable {
  private readonly tree = new ResultsTree();
  private readonly view: vscode.TreeView<Node>;
  private readonly latest = new Latest();
  private flat: readonly Result[] = [];
  private at = -1;
  query = "";

  constructor(private readonly server: Server) {
    const options = { treeDataProvider: this.tree, showCollapseAll: true };
    this.view = vscode.window.createTreeView<Node>("codekin.results", options);
  }

  /** Searches as the palette does, with a larger limit. */
  async show(query: string): Promise<void> {
    this.query = query;
    await vscode.commands.executeCommand("codekin.results.focus");
    this.refresh();
  }

  refresh(): void {
    const params = searchParams(this.query);
    if (params === undefined) return this.clear();
    const limit = setting("results.limit");
    this.latest.run(0, async (signal) => {
      try {
        const answer = await this.server.request(searchRequest, { ...params, limit }, signal);
        if (!signal.aborted) this.fill(answer, limit);
      } catch (error) {
        if (!signal.aborted) this.view.message = textOf(error);
      }
    });
  }

  clear(): void {
    this.latest.cancel();
    this.query = "";
    this.set([], "");
  }

  async open(result: Result, column?: vscode.ViewColumn): Promise<void> {
    this.at = this.flat.indexOf(result);
    await open(result, column === undefined ? { preview: true } : { column });
  }

  /** Opens the next or the previous result and continues at the other end of the list. */
  async move(step: 1 | -1): Promise<void> {
    const { length } = this.flat;
    if (length === 0) return;
    const next = this.at < 0 && step < 0 ? length - 1 : (this.at + step + length) % length;
    const result = this.flat[next];
    if (result === undefined) return;
    await this.open(result);
    await this.view.reveal(result, { select: true, focus: false });
  }

  dispose(): void {
    this.latest.cancel();
    this.view.dispose();
  }

  private fill(answer: Answer, limit: number): void {
    this.set(answer.results, [summary(this.query, answer, limit), ...answer.reasons].join(" — "));
  }

  private set(results: readonly Result[], message: string): void {
    this.tree.set(results);
    this.flat = this.tree.getChildren().flatMap((group) => this.tree.getChildren(group) as Result[]);
    this.at = -1;
    this.view.message = message;
    this.view.badge = results.length > 0 ? { value: results.length, tooltip: message } : undefined;
    void vscode.commands.executeCommand("setContext", CONTEXT_FILLED, this.query !== "");
  }
}
