/** The rows of the Related Code view. */
import * as vscode from "vscode";
import type { Result } from "../protocol";
import { shortPlaceOf } from "../results/text";
import { rootNameOf } from "../rootNames";
import { iconOf, kindOf, nameOf, whereOf } from "../search/rows";
import { tooltipOf } from "../search/tooltip";
import { groupByRelation, type RelatedGroup } from "./groups";

type Node = RelatedGroup | Result;
const isGroup = (node: Node): node is RelatedGroup => "results" in node;

export class RelatedTree implements vscode.TreeDataProvider<Node> {
  private readonly changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private groups: RelatedGroup[] = [];

  /** Replaces all rows. */
  set(results: readonly Result[]): void {
    this.groups = groupByRelation(results);
    this.changed.fire(undefined);
  }

  getChildren(parent?: Node): Node[] {
    if (parent === undefined) return this.groups;
    return isGroup(parent) ? parent.results : [];
  }

  getTreeItem(node: Node): vscode.TreeItem {
    return isGroup(node) ? groupItem(node) : resultItem(node);
  }
}

function groupItem({ title, results }: RelatedGroup): vscode.TreeItem {
  const item = new vscode.TreeItem(title, vscode.TreeItemCollapsibleState.Expanded);
  item.id = title; // the editor keeps for each id whether the user has collapsed it
  item.description = String(results.length);
  item.contextValue = "group";
  return item;
}

function resultItem(result: Result): vscode.TreeItem {
  const item = new vscode.TreeItem(shortNameOf(result));
  const location = whereOf(result, new Date(), rootNameOf(result));
  const relation = relationText(result);
  const isOnDisk = result.commit === undefined && result.kind !== "directory" && result.revision === undefined;
  item.description = `${relation}  ${isOnDisk ? shortPlaceOf(result).join("  ").trimEnd() : location}`;
  item.iconPath = new vscode.ThemeIcon(iconOf(result));
  item.tooltip = tooltipOf(result);
  item.contextValue = "result";
  item.command = { command: "codekin.related.open", title: "Open", arguments: [result] };
  item.accessibilityInformation = { label: `${nameOf(result)}, ${kindOf(result)}, ${relation}, ${location}` };
  return item;
}

/** Returns the name without its class or module, which the narrow view has no room for. */
function shortNameOf(result: Result): string {
  const name = nameOf(result);
  return result.commit === undefined && result.symbol ? (/[^.:#]+$/.exec(name)?.[0] ?? name) : name;
}

/** Returns the relation, or the similarity as a percentage for code that is only similar. */
function relationText({ relation, score }: Result): string {
  return relation === undefined || relation === SIMILAR ? percent(score) : relation;
}

/** The relation of code that is only similar. */
const SIMILAR = "like this";
const percent = (score: number): string => `${String(Math.round(score * 100))}%`;
