/** The rows of the Related Code view. */
import * as vscode from "vscode";
import type { Result } from "../protocol";
import { iconOf, kindOf, nameOf, whereOf } from "../search/rows";
import { tooltipOf } from "../search/tooltip";

export class RelatedTree implements vscode.TreeDataProvider<Result> {
  private readonly changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private results: Result[] = [];

  /** Replaces all rows. */
  set(results: Result[]): void {
    this.results = results;
    this.changed.fire(undefined);
  }

  getChildren(parent?: Result): Result[] {
    return parent === undefined ? this.results : [];
  }

  getTreeItem(result: Result): vscode.TreeItem {
    const item = new vscode.TreeItem(nameOf(result));
    const location = whereOf(result, new Date());
    const relation = relationText(result);
    item.description = `${relation}  ${location}`;
    item.iconPath = new vscode.ThemeIcon(iconOf(result));
    item.tooltip = tooltipOf(result);
    item.contextValue = "result";
    item.command = { command: "codekin.related.open", title: "Open", arguments: [result] };
    item.accessibilityInformation = { label: `${nameOf(result)}, ${kindOf(result)}, ${relation}, ${location}` };
    return item;
  }
}

/** Returns the relation, or the similarity as a percentage for code that is only similar. */
function relationText({ relation, score }: Result): string {
  return relation === undefined || relation === SIMILAR ? percent(score) : relation;
}

/** The relation of code that is only similar. */
const SIMILAR = "like this";
const percent = (score: number): string => `${String(Math.round(score * 100))}%`;
