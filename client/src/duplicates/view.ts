/** The Duplicates view: code of the workspace that is nearly the same, in groups. */
import * as vscode from "vscode";
import { textOf } from "../errors";
import { duplicatesRequest } from "../requests";
import { Latest } from "../search/query/latest";
import type { Server } from "../server/server";
import { groupsOf, summary } from "./groups";
import { duplicatesTree } from "./tree";

const VIEW = "codekin.duplicates";

export class DuplicatesView implements vscode.Disposable {
  private readonly tree = duplicatesTree();
  private readonly view = vscode.window.createTreeView(VIEW, { treeDataProvider: this.tree, showCollapseAll: true });
  private readonly latest = new Latest();

  constructor(private readonly server: Server) {}

  /** Adds the view to the side bar, where it is only once it was asked for, and searches. */
  async show(): Promise<void> {
    await vscode.commands.executeCommand("setContext", "codekin.showsDuplicates", true);
    await vscode.commands.executeCommand(`${VIEW}.focus`);
    this.refresh();
  }

  /** Searches again. The rows remain until the answer. */
  refresh(): void {
    this.latest.run(0, async (signal) => {
      await vscode.window.withProgress({ location: { viewId: VIEW } }, () => this.load(signal));
    });
  }

  dispose(): void {
    this.latest.cancel();
    this.view.dispose();
  }

  private async load(signal: AbortSignal): Promise<void> {
    try {
      const found = await this.server.request(duplicatesRequest, {}, signal);
      if (signal.aborted) return;
      this.tree.replace(groupsOf(found));
      this.view.message = summary(found);
    } catch (error) {
      if (!signal.aborted) this.view.message = textOf(error);
    }
  }
}
