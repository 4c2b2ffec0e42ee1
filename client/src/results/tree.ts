/** The rows of the Results view: files, and the results within them. */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { Result } from "../protocol";
import { GroupedTree } from "../groupedTree";
import { rootNameOf } from "../rootNames";
import { resultsText } from "../search/messages";
import { selectionOf } from "../search/preview";
import { asOf, iconOf, kindOf, nameOf, textOf, whereOf, whyOf } from "../search/rows";
import { tooltipOf } from "../search/tooltip";
import { visible } from "../visible";
import { byPath, groupByFile, type Group } from "./groups";
import { marksOf } from "./marks";

export type Node = Group | Result;

export const isGroup = (node: Node): node is Group => "results" in node;

/** How the results are shown: files by path or relevance, as files with results or as results alone. */
export interface Layout {
  byPath: boolean;
  asList: boolean;
}

export class ResultsTree extends GroupedTree<Node> {
  private groups: readonly Group[] = [];
  private asList = false;
  private query = "";
  /** All results in the order of their rows. */
  flat: Result[] = [];

  constructor() {
    super(
      (node) => (isGroup(node) ? node.results : []),
      (node) => (isGroup(node) ? groupItem(node) : resultItem(node, this.query, this.asList)),
    );
  }

  /** Replaces all rows. Words of `query` are marked. */
  set(results: readonly Result[], query: string, { byPath: sorted, asList }: Layout): void {
    const groups = groupByFile(results);
    this.groups = sorted ? byPath(groups) : groups;
    this.asList = asList;
    this.flat = asList && !sorted ? [...results] : this.groups.flatMap((group) => group.results);
    this.query = query;
    this.replace(asList ? this.flat : this.groups);
  }

  getParent(node: Node): Group | undefined {
    return isGroup(node) || this.asList ? undefined : this.groups.find(({ results }) => results.includes(node));
  }
}

function groupItem({ uri, path, results }: Group): vscode.TreeItem {
  const { Expanded } = vscode.TreeItemCollapsibleState;
  const item =
    uri === undefined ? new vscode.TreeItem(path, Expanded) : new vscode.TreeItem(vscode.Uri.parse(uri), Expanded);
  const shown = visible(path);
  if (uri !== undefined && shown !== path) item.label = shown.slice(shown.lastIndexOf("/") + 1);
  const inRoot = uri === undefined ? "" : [results[0] ? rootNameOf(results[0]) : "", shown].filter(Boolean).join("/");
  const folder = inRoot.includes("/") ? inRoot.slice(0, inRoot.lastIndexOf("/")) : "";
  const revision = uri !== undefined && results[0] ? asOf(results[0]) : "";
  item.description = [folder, revision, String(results.length)].filter(Boolean).join("  ");
  if (uri !== undefined) item.iconPath = vscode.ThemeIcon.File;
  item.contextValue = "file";
  const count = resultsText(results.length);
  item.accessibilityInformation = { label: `${shown}, ${count}` };
  return item;
}

/** `asList` means that no row of a file is above the row. */
function resultItem(result: Result, query: string, asList: boolean): vscode.TreeItem {
  const line = String(selectionOf(result).start.line + 1);
  const inFile = result.commit === undefined && result.kind !== "directory";
  const below = inFile && !asList;
  const where = below ? l10n.t("line {0}", line) : whereOf(result, new Date(), rootNameOf(result));
  const text = textOf(result);
  const label = below ? `${line}: ${nameOf(result)}` : nameOf(result);
  const item = new vscode.TreeItem({ label, highlights: marksOf(label, query) });
  item.description = [below ? "" : where, whyOf(result) || text].filter(Boolean).join("  ");
  item.iconPath = new vscode.ThemeIcon(iconOf(result));
  item.tooltip = tooltipOf(result);
  item.contextValue = "result";
  item.command = { command: "codekin.results.open", title: l10n.t("Open"), arguments: [result] };
  item.accessibilityInformation = { label: `${nameOf(result)}, ${kindOf(result)}, ${where}, ${text}` };
  return item;
}
