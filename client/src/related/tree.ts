/** The rows of the Related Code view. */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { Result } from "../protocol";
import { GroupedTree } from "../groupedTree";
import { shortPlaceOf } from "../results/text";
import { rootNameOf } from "../rootNames";
import { iconOf, isOnlySimilar, kindOf, nameOf, relationOf, whereOf } from "../search/rows";
import { tooltipOf } from "../search/tooltip";
import { groupByRelation, type RelatedGroup } from "./groups";
import { subjectText, type Subject } from "./subject";

/**
 * The first row, which names what the others are related to. A title outside of the list would be
 * drawn before or after the rows.
 */
interface Heading {
  subject: Subject;
  pinned: boolean;
}

export type Node = Heading | RelatedGroup | Result;
const isGroup = (node: Node): node is RelatedGroup => "results" in node;
const isHeading = (node: Node): node is Heading => "subject" in node;

/** `handedOut` is called each time that the editor has got all rows. */
export const relatedTree = (handedOut: () => void): GroupedTree<Node> =>
  new GroupedTree<Node>(
    (node) => (isGroup(node) ? node.results : []),
    (node) => (isGroup(node) ? groupItem(node) : isHeading(node) ? headingItem(node) : resultItem(node)),
    handedOut,
  );

/** Returns the rows of an answer, none if it is empty. */
export function rowsOf(results: readonly Result[], subject: Subject, pinned: boolean): Node[] {
  return results.length === 0 ? [] : [{ subject, pinned }, ...groupByRelation(results)];
}

/** Returns the location, and whether it is pinned, for display. */
export const placeText = (subject: Subject, pinned: boolean): string =>
  pinned ? l10n.t("{0} (pinned)", subjectText(subject)) : subjectText(subject);

function headingItem({ subject, pinned }: Heading): vscode.TreeItem {
  const text = l10n.t("Related to {0}", placeText(subject, pinned));
  const item = new vscode.TreeItem(text);
  item.accessibilityInformation = { label: text };
  item.iconPath = new vscode.ThemeIcon(pinned ? "pinned" : "location");
  item.contextValue = "heading";
  item.command = { command: "codekin.related.openSubject", title: l10n.t("Open"), arguments: [subject] };
  return item;
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
  item.command = { command: "codekin.related.open", title: l10n.t("Open"), arguments: [result] };
  item.accessibilityInformation = { label: `${nameOf(result)}, ${kindOf(result)}, ${relation}, ${location}` };
  return item;
}

/** Returns the name without its class or module, which the narrow view has no room for. */
function shortNameOf(result: Result): string {
  const name = nameOf(result);
  return result.commit === undefined && result.symbol ? (/[^.:#]+$/.exec(name)?.[0] ?? name) : name;
}

/** Returns the relation, or the similarity as a percentage for code that is only similar. */
function relationText(result: Result): string {
  return isOnlySimilar(result) ? percent(result.score) : relationOf(result);
}

const percent = (score: number): string => `${String(Math.round(score * 100))}%`;
