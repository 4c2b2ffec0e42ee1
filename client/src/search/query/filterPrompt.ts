/**
 * Prompts for the values of a filter, with a list if the values are known, otherwise with a text
 * box.
 */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { MODES, type FilterValues } from "../../protocol";
import { number } from "../../language";
import { filterValues, type FilterName } from "./query";

const DAY_MS = 86_400_000;

interface Field {
  icon: string;
  tooltip: string;
}

/** The filter buttons of the palette, in order. */
export const FIELDS: Readonly<Partial<Record<FilterName, Field>>> = {
  lang: { icon: "code", tooltip: l10n.t("Language") },
  path: { icon: "folder", tooltip: l10n.t("Path") },
  kind: { icon: "symbol-misc", tooltip: l10n.t("Kind") },
  author: { icon: "person", tooltip: l10n.t("Author") },
  after: { icon: "calendar", tooltip: l10n.t("Changed After") },
  mode: { icon: "regex", tooltip: l10n.t("Search Mode") },
};

/** Returns the new values of a filter, or undefined if the prompt was dismissed. */
export async function askFilter(name: FilterName, typed: string, known: FilterValues): Promise<string[] | undefined> {
  const now = filterValues(typed, name);
  switch (name) {
    case "lang":
      return pickMany(l10n.t("Languages"), known.languages, now);
    case "kind":
      return pickMany(l10n.t("Kinds"), known.kinds, now);
    case "mode":
      return pickOne(l10n.t("Mode"), MODES);
    case "path":
      return write(
        l10n.t("Globs as in .gitignore, separated by spaces. A leading ! excludes."),
        "api/** !**/generated/**",
        now,
      );
    case "author":
      return write(l10n.t("Parts of names or email addresses, separated by spaces"), "ann", now);
    case "after":
      return write(
        l10n.t("Changed on or after this date"),
        new Date(Date.now() - 30 * DAY_MS).toISOString().slice(0, 10),
        now,
      );
    default:
      return undefined;
  }
}

/** Prompts for values, listed with their frequencies. The values in the query are preselected. */
async function pickMany(
  title: string,
  values: Readonly<Record<string, number>>,
  now: readonly string[],
): Promise<string[] | undefined> {
  const items = [...new Set([...now, ...Object.keys(values)])].map((label) => ({
    label,
    description: number(values[label] ?? 0),
    picked: now.includes(label),
  }));
  const chosen = await vscode.window.showQuickPick(items, { title, canPickMany: true });
  return chosen?.map((item) => item.label);
}

async function pickOne(title: string, values: readonly string[]): Promise<string[] | undefined> {
  const chosen = await vscode.window.showQuickPick([...values], { title });
  return chosen === undefined ? undefined : [chosen];
}

async function write(prompt: string, placeHolder: string, now: readonly string[]): Promise<string[] | undefined> {
  const value = now.map((part) => part.replace(/^-/, "!")).join(" ");
  const text = await vscode.window.showInputBox({ prompt, placeHolder, value });
  return text
    ?.split(/\s+/)
    .filter(Boolean)
    .map((part) => part.replace(/^!/, "-"));
}
