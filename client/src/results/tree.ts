/** The rows of the view Results: files, and the results within them. */
import * as vscode from "vscode";
import type { Result } from "../protocol";
import { rangeOf } from "../search/preview";
import { excerpt, iconOf, nameOf, whyOf } from "../search/rows";
import { tooltipOf } from "../search/tooltip";
import { groupByFile, type Group } from "./groups";

export type Node = Group | Result;

const isGroup = (node: Node): node is Group => "results" in node;

export class ResultsTree implements vscode.TreeDataProvider<Node> {
  private readonly changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private groups: Group[] = [];

  /** Takes the place of all rows. */
  set(results: readonly Result[]): void {
    this.groups = groupByFile(results);
    this.changed.fire(undefined);
  }

  getChildren(parent?: Node): Node[] {
    if (parent === undefined) return this.groups;
    return isGroup(parent) ? parent.results : [];
  }

  getParent(node: Node): Group | undefined {
    return isGroup(node) ? undefined : this.groups.find(({ uri }) => uri === node.uri);
  }

  getTreeItem(node: Node): vscode.TreeItem {
    return isGroup(node) ? fileItem(node) : resultItem(node);
  }
}

function fileItem({ uri, path, results }: Group): vscode.TreeItem {
  const item = new vscode.TreeItem(vscode.Uri.parse(uri), vscode.TreeItemCollapsibleState.Expanded);
  const folder = path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
  item.description = [folder, String(results.length)].filter(Boolean).join("  ");
  item.iconPath = vscode.ThemeIcon.File;
  item.contextValue = "file";
  const count = `${String(results.length)} ${results.length === 1 ? "result" : "results"}`;
  item.accessibilityInformation = { label: `${path}, ${count}` };
  return item;
}

function resultItem(result: Result): vscode.TreeItem {
  const line = rangeOf(result).start.line + 1;
  const item = new vscode.TreeItem(`${String(line)}: ${nameOf(result)}`);
  item.description = whyOf(result) || excerpt(result.snippet);
  item.iconPath = new vscode.ThemeIcon(iconOf(result));
  item.tooltip = tooltipOf(result);
  item.contextValue = "result";
  item.command = { command: "codekin.results.open", title: "Open", arguments: [result] };
  item.accessibilityInformation = { label: `${nameOf(result)}, line ${String(line)}, ${excerpt(result.snippet)}` };
  return item;
}
