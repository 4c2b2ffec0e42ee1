/** The rows of the Duplicates view: groups, and the places within them. */
import * as vscode from "vscode";
import { shortPlaceOf } from "../results/text";
import { rootNameOf } from "../rootNames";
import { iconOf, kindOf, nameOf, whereOf } from "../search/rows";
import { tooltipOf } from "../search/tooltip";
import { sizeOf, type Group, type Place } from "./groups";

type Node = Group | Place;
const isGroup = (node: Node): node is Group => "places" in node;

export class DuplicatesTree implements vscode.TreeDataProvider<Node> {
  private readonly changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private groups: Group[] = [];

  /** Replaces all rows. */
  set(groups: Group[]): void {
    this.groups = groups;
    this.changed.fire(undefined);
  }

  getChildren(parent?: Node): Node[] {
    if (parent === undefined) return this.groups;
    return isGroup(parent) ? parent.places : [];
  }

  getTreeItem(node: Node): vscode.TreeItem {
    return isGroup(node) ? groupItem(node) : placeItem(node);
  }
}

function groupItem(group: Group): vscode.TreeItem {
  const item = new vscode.TreeItem(nameOf(group.first), vscode.TreeItemCollapsibleState.Collapsed);
  item.description = sizeOf(group);
  item.iconPath = new vscode.ThemeIcon(iconOf(group.first));
  item.contextValue = "group";
  item.accessibilityInformation = { label: `${nameOf(group.first)}, ${sizeOf(group)}` };
  return item;
}

function placeItem(place: Place): vscode.TreeItem {
  const { result } = place;
  const where = whereOf(result, new Date(), rootNameOf(result));
  const [label, folder] = shortPlaceOf(result);
  const item = new vscode.TreeItem(label);
  item.description = [result.reason ?? "", folder].filter(Boolean).join("  ");
  item.iconPath = vscode.ThemeIcon.File;
  item.resourceUri = vscode.Uri.parse(result.uri);
  item.tooltip = tooltipOf(result);
  item.contextValue = "place";
  item.command = { command: "codekin.duplicates.compare", title: "Compare", arguments: [place] };
  item.accessibilityInformation = {
    label: [nameOf(result), kindOf(result), where, result.reason ?? ""].filter(Boolean).join(", "),
  };
  return item;
}
