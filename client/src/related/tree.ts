/** The rows of the view Related Code. */
import * as vscode from "vscode";
import type { Result } from "../protocol";
import { rangeOf } from "../search/preview";
import { iconOf, nameOf, placeOf } from "../search/rows";
import { tooltipOf } from "../search/tooltip";

export class RelatedTree implements vscode.TreeDataProvider<Result> {
  private readonly changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private results: Result[] = [];

  /** Takes the place of all rows. */
  set(results: Result[]): void {
    this.results = results;
    this.changed.fire(undefined);
  }

  getChildren(parent?: Result): Result[] {
    return parent === undefined ? this.results : [];
  }

  getTreeItem(result: Result): vscode.TreeItem {
    const item = new vscode.TreeItem(nameOf(result));
    item.description = `${percent(result.score)}  ${placeOf(result)}`;
    item.iconPath = new vscode.ThemeIcon(iconOf(result));
    item.tooltip = tooltipOf(result);
    item.contextValue = "result";
    item.command = { command: "codekin.related.open", title: "Open", arguments: [result] };
    item.accessibilityInformation = {
      label: `${nameOf(result)}, ${percent(result.score)} alike, ${result.path} line ${String(rangeOf(result).start.line + 1)}`,
    };
    return item;
  }
}

const percent = (score: number): string => `${String(Math.round(score * 100))} %`;
