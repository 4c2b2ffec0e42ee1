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
import { isGroup, ResultsTree, type Layout, type Node } from "./tree";
import { listOf, locationOf, searchEditorText } from "./text";

const CONTEXT_FILLED = "codekin.hasResults";
const CONTEXT_BY_PATH = "codekin.resultsByPath";
const CONTEXT_AS_LIST = "codekin.resultsAsList";
const LAYOUT = "codekin.results.layout";
/** Two clicks on a result within this time are a double click, which moves the focus to it. */
const DOUBLE_CLICK_MS = 500;

export class ResultsView implements vscode.Disposable {
  private readonly tree = new ResultsTree();
  private readonly view: vscode.TreeView<Node>;
  private readonly latest = new Latest();
  private results: readonly Result[] = [];
  private at = -1;
  private layout: Layout;
  private clicked = { result: undefined as Result | undefined, atMs: 0 };
  query = "";

  /** `state` keeps the layout. */
  constructor(
    private readonly server: Server,
    private readonly state: vscode.Memento,
  ) {
    this.layout = state.get<Layout>(LAYOUT, { byPath: false, asList: false });
    this.tellLayout();
    const options = { treeDataProvider: this.tree, showCollapseAll: true, canSelectMany: true };
    this.view = vscode.window.createTreeView<Node>("codekin.results", options);
  }

  /** Searches as the palette does, with a larger limit. */
  async show(query: string): Promise<void> {
    await vscode.commands.executeCommand("codekin.results.focus");
    this.search(query);
  }

  /** Searches without moving the focus. */
  search(query: string): void {
    this.query = query;
    this.refresh();
  }

  refresh(): void {
    const params = searchParams(this.query);
    if (params === undefined) return this.clear();
    const limit = setting("results.limit");
    this.latest.run(0, async (signal) => {
      try {
        const answer = await this.server.request(
          searchRequest,
          { ...params, limit, perFile: setting("results.perFile") },
          signal,
        );
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

  arrange(change: Partial<Layout>): void {
    this.layout = { ...this.layout, ...change };
    void this.state.update(LAYOUT, this.layout);
    this.tellLayout();
    this.set(this.results, this.view.message ?? "");
  }

  /** Opens a result that was clicked. The focus stays in the list, except after a double click. */
  async click(result: Result): Promise<void> {
    const { result: last, atMs } = this.clicked;
    this.clicked = { result, atMs: Date.now() };
    await this.open(result, last === result && Date.now() - atMs < DOUBLE_CLICK_MS ? {} : { preserveFocus: true });
  }

  async open(result: Result, options: { column?: vscode.ViewColumn; preserveFocus?: boolean } = {}): Promise<void> {
    this.at = this.tree.flat.indexOf(result);
    await open(result, options.column === undefined ? { preview: true, ...options } : options);
  }

  /** Opens the focused row as Enter does: the focus moves to the editor. */
  async openFocused(): Promise<void> {
    await vscode.commands.executeCommand("list.select");
    const [node] = this.view.selection;
    if (node !== undefined && !isGroup(node)) await this.open(node);
  }

  /** Opens the next or the previous result and continues at the other end of the list. */
  async move(step: 1 | -1, preserveFocus: boolean): Promise<void> {
    const { length } = this.tree.flat;
    if (length === 0) return;
    const next = this.at < 0 && step < 0 ? length - 1 : (this.at + step + length) % length;
    const result = this.tree.flat[next];
    if (result === undefined) return;
    await this.open(result, { preserveFocus });
    await this.view.reveal(result, { select: true, focus: preserveFocus });
  }

  /** Removes rows: `node`, or all selected rows if it is one of them. */
  dismiss(node: Node | undefined): void {
    const dismissed = new Set(this.resultsOf(node));
    const next = this.tree.flat[this.at + 1];
    this.set(
      this.results.filter((result) => !dismissed.has(result)),
      this.view.message ?? "",
    );
    this.at = next === undefined ? -1 : this.tree.flat.indexOf(next) - 1;
  }

  copy(node: Node | undefined): Thenable<void> {
    return vscode.env.clipboard.writeText(listOf(this.resultsOf(node)));
  }

  copyPaths(node: Node | undefined): Thenable<void> {
    const paths = new Set(
      this.resultsOf(node).map((result) => (node && isGroup(node) ? result.path : locationOf(result))),
    );
    return vscode.env.clipboard.writeText([...paths].join("\n"));
  }

  copyAll(): Thenable<void> {
    return vscode.env.clipboard.writeText(listOf(this.tree.flat));
  }

  /** Opens the results as a document in which files and lines are links. */
  async openAsEditor(): Promise<void> {
    const pathOf = ({ uri }: Result): string => vscode.workspace.asRelativePath(vscode.Uri.parse(uri));
    const content = searchEditorText(this.query, this.tree.flat, pathOf);
    const document = await vscode.workspace.openTextDocument({ language: "search-result", content });
    await vscode.window.showTextDocument(document, { preview: false });
  }

  dispose(): void {
    this.latest.cancel();
    this.view.dispose();
  }

  /** Returns the results of a row, or of all selected rows if it is one of them. */
  private resultsOf(node: Node | undefined): Result[] {
    const { selection } = this.view;
    const nodes = node === undefined || selection.includes(node) ? selection : [node];
    return [...new Set(nodes.flatMap((each) => (isGroup(each) ? each.results : [each])))];
  }

  private fill(answer: Answer, limit: number): void {
    this.set(answer.results, [summary(this.query, answer, limit), ...answer.reasons].join(" — "));
  }

  private set(results: readonly Result[], message: string): void {
    this.results = results;
    this.tree.set(results, this.query, this.layout);
    this.at = -1;
    this.view.message = message;
    this.view.badge = results.length > 0 ? { value: results.length, tooltip: message } : undefined;
    void vscode.commands.executeCommand("setContext", CONTEXT_FILLED, this.query !== "");
  }

  private tellLayout(): void {
    void vscode.commands.executeCommand("setContext", CONTEXT_BY_PATH, this.layout.byPath);
    void vscode.commands.executeCommand("setContext", CONTEXT_AS_LIST, this.layout.asList);
  }
}
