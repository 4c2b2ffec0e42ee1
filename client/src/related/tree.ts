/** The rows of the view Related Code. */
import * as vscode from "vscode";
import type { Result } from "../protocol";
import { iconOf, kindOf, nameOf, whereOf } from "../search/rows";
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
    const where = whereOf(result, new Date());
    const how = howOf(result);
    item.description = `${how}  ${where}`;
    item.iconPath = new vscode.ThemeIcon(iconOf(result));
    item.tooltip = tooltipOf(result);
    item.contextValue = "result";
    item.command = { command: "codekin.related.open", title: "Open", arguments: [result] };
    item.accessibilityInformation = { label: `${nameOf(result)}, ${kindOf(result)}, ${how}, ${where}` };
    return item;
  }
}

/** How it is related: in words where there is more than likeness. */
function howOf({ relation, score }: Result): string {
  return relation === undefined || relation === SIMILAR ? percent(score) : relation;
}

/** The relation of what is related by its likeness alone. */
const SIMILAR = "like this";
const percent = (score: number): string => `${String(Math.round(score * 100))} %`;
