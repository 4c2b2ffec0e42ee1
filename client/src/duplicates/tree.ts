/** The rows of the Duplicates view: groups, and the places within them. */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { GroupedTree } from "../groupedTree";
import { shortPlaceOf } from "../results/text";
import { rootNameOf } from "../rootNames";
import { iconOf, kindOf, nameOf, whereOf } from "../search/rows";
import { tooltipOf } from "../search/tooltip";
import { sizeOf, type Group, type Place } from "./groups";

type Node = Group | Place;
const isGroup = (node: Node): node is Group => "places" in node;

export const duplicatesTree = (): GroupedTree<Node> =>
  new GroupedTree<Node>(
    (node) => (isGroup(node) ? node.places : []),
    (node) => (isGroup(node) ? groupItem(node) : placeItem(node)),
  );

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
  item.command = { command: "codekin.duplicates.compare", title: l10n.t("Compare"), arguments: [place] };
  item.accessibilityInformation = {
    label: [nameOf(result), kindOf(result), where, result.reason ?? ""].filter(Boolean).join(", "),
  };
  return item;
}
