/** The rows of the Related Code view. */
import * as vscode from "vscode";
import type { Result } from "../protocol";
import { locationOf } from "../results/text";
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
    const item = new vscode.TreeItem(shortNameOf(result));
    const location = whereOf(result, new Date());
    const relation = relationText(result);
    item.description = `${relation}  ${shortPlaceOf(result) ?? location}`;
    item.iconPath = new vscode.ThemeIcon(iconOf(result));
    item.tooltip = tooltipOf(result);
    item.contextValue = "result";
    item.command = { command: "codekin.related.open", title: "Open", arguments: [result] };
    item.accessibilityInformation = { label: `${nameOf(result)}, ${kindOf(result)}, ${relation}, ${location}` };
    return item;
  }
}

/** Returns the name without its class or module, which the narrow view has no room for. */
function shortNameOf(result: Result): string {
  const name = nameOf(result);
  return result.commit === undefined && result.symbol ? (/[^.:#]+$/.exec(name)?.[0] ?? name) : name;
}

/** Returns `file:line  folder` of code, so that a narrow view shows the file and the line. */
function shortPlaceOf(result: Result): string | undefined {
  if (result.commit !== undefined || result.kind === "directory" || result.revision !== undefined) return undefined;
  const at = locationOf(result);
  const slash = at.lastIndexOf("/");
  return `${at.slice(slash + 1)}  ${at.slice(0, Math.max(slash, 0))}`.trimEnd();
}

/** Returns the relation, or the similarity as a percentage for code that is only similar. */
function relationText({ relation, score }: Result): string {
  return relation === undefined || relation === SIMILAR ? percent(score) : relation;
}

/** The relation of code that is only similar. */
const SIMILAR = "like this";
const percent = (score: number): string => `${String(Math.round(score * 100))}%`;
