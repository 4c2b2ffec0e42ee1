/** The rows and buttons of the palette. Messages are rows too. */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { Result } from "../protocol";
import { rootNameOf } from "../rootNames";
import { FIELDS } from "./query/filterPrompt";
import type { Completion } from "./query/completion";
import type { Message } from "./messages";
import type { FilterName } from "./query/query";
import { rowOf } from "./rows";
import { visibleLabel } from "../visible";

export interface Row extends vscode.QuickPickItem {
  result?: Result;
  /** The query that results from accepting this row. */
  query?: string;
  /** Whether `query` is only the text of the input, to which the filters in the title are added. */
  isText?: boolean;
  /** The command that accepting this row runs, with its arguments. */
  command?: readonly [string, ...unknown[]];
  /** A recent search, which can be removed. */
  recent?: string;
}

export interface Button extends vscode.QuickInputButton {
  filter?: FilterName;
  /** Shows all results in the Results view. */
  all?: true;
  /** A filter in the title, which the button removes. */
  drops?: string;
}

const BESIDE: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon("split-horizontal"),
  tooltip: l10n.t("Open to the Side"),
};
export const REMOVE: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon("close"),
  tooltip: l10n.t("Remove from Recent Searches"),
};
const FAINT = new vscode.ThemeColor("disabledForeground");
const FILTERS: readonly Button[] = Object.entries(FIELDS).map(([name, { icon, tooltip }]) => ({
  filter: name as FilterName,
  iconPath: new vscode.ThemeIcon(icon),
  tooltip: l10n.t("Filter: {0}", tooltip),
}));

/**
 * Returns the row of a result. `alwaysShow` is set because results by meaning need not contain the
 * typed words. The icons of weak matches are faint.
 */
export function toRow(result: Result, now: Date, isWeak: boolean): Row {
  const { icon, label, description, detail } = rowOf(result, now, rootNameOf(result));
  return {
    label: visibleLabel(label),
    description: visibleLabel(description),
    detail: visibleLabel(detail),
    iconPath: new vscode.ThemeIcon(icon, isWeak ? FAINT : undefined),
    alwaysShow: true,
    buttons: [BESIDE],
    result,
  };
}

export function toCompletionRow({ icon, label, description, query }: Completion): Row {
  const iconPath = new vscode.ThemeIcon(icon);
  return { label: visibleLabel(label), description, iconPath, alwaysShow: true, query, isText: true };
}

export function toMessageRow({ icon, label, detail, command, query }: Message): Row {
  const iconPath = new vscode.ThemeIcon(icon);
  const text = detail === undefined ? {} : { detail: visibleLabel(detail) };
  const action = { ...(command ? { command } : {}), ...(query === undefined ? {} : { query }) };
  return { label: visibleLabel(label), ...text, iconPath, alwaysShow: true, ...action };
}

/** Returns the row of a recent search. */
export function toRecentRow(recent: string): Row {
  const iconPath = new vscode.ThemeIcon("history");
  return { label: visibleLabel(recent), iconPath, alwaysShow: true, buttons: [REMOVE], query: recent, recent };
}

/**
 * Returns a button for each filter in the title, which removes it, one for each filter that can be
 * set, one for the parts of the scores and one for all results.
 */
export function buttons(explain: boolean, filters: readonly string[]): Button[] {
  const tooltip = explain ? l10n.t("Hide Score Details") : l10n.t("Show Score Details");
  const all: Button = {
    all: true,
    iconPath: new vscode.ThemeIcon("list-tree"),
    tooltip: l10n.t("Show All in Results View"),
  };
  const drop = filters.map((filter) => ({
    drops: filter,
    iconPath: new vscode.ThemeIcon("filter-filled"),
    tooltip: l10n.t("Remove {0}", filter),
  }));
  return [...drop, ...FILTERS, { iconPath: new vscode.ThemeIcon(explain ? "question" : "info"), tooltip }, all];
}
