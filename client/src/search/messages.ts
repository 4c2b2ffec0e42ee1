/** Messages of the palette about empty and incomplete answers, with what can be done about them. */
import * as l10n from "@vscode/l10n";
import type { Answer, Coverage, Status } from "../protocol";
import { whyUnavailable, type ServerState } from "../server/state";
import { coverageText } from "../status/text";
import { filtersOf, withFilter, type FilterName, type ParsedQuery } from "./query/query";

export interface Message {
  icon: string;
  label: string;
  detail?: string;
  /** The command that accepting the message runs, with its arguments. */
  command?: readonly [string, ...unknown[]];
  /** The query that accepting the message searches for. */
  query?: string;
}

const TITLE = l10n.t("Search Code");
const LOG: Message = { icon: "output", label: l10n.t("Show Log"), command: ["codekin.showLog"] };

/** Returns why the palette cannot search, and how to change that. */
export function unavailable(state: ServerState): Message[] {
  const detail = whyUnavailable(state);
  const first = (icon: string, label: string, ...command: [string, ...unknown[]]): Message => ({
    icon,
    label,
    detail,
    command,
  });
  switch (state.kind) {
    case "missing":
      return [
        first("cloud-download", l10n.t("Install the Server"), "codekin.install"),
        { icon: "list-selection", label: l10n.t("Choose Interpreter"), command: ["codekin.chooseInterpreter"] },
        LOG,
      ];
    case "stopped":
      return [first("debug-restart", l10n.t("Restart the Server"), "codekin.restart"), LOG];
    case "off":
      return [first("gear", l10n.t("Enable Codekin"), "workbench.action.openSettings", "codekin.enabled")];
    case "idle":
      return [first("folder-opened", l10n.t("Open Folder"), "vscode.openFolder")];
    case "installing":
      return [{ icon: "loading~spin", label: l10n.t("Installing…"), detail }];
    default:
      return [{ icon: "loading~spin", label: l10n.t("Starting…"), detail }];
  }
}

/** Returns the message for an empty query. */
export function welcome(coverage: Coverage | undefined): Message {
  return {
    icon: "lightbulb",
    label: coverage ? l10n.t("{0} indexed", coverageText(coverage)) : l10n.t("Opening the index…"),
    detail: [l10n.t("Examples:"), l10n.t("where is the retry logic?"), "lang:python", "path:api/**", "mode:regex"].join(
      "  ",
    ),
  };
}

/** Returns the message for an answer without results. `paused` means that no more results follow. */
export function noResults(query: ParsedQuery, { coverage, reasons }: Answer, paused = false): Message {
  const done = progressText(coverage, paused);
  const searched = [done, ...(query.filtered ? [l10n.t("Try fewer filters.")] : [])].join(" ");
  return {
    icon: coverage.complete ? "search-stop" : "sync",
    label:
      coverage.complete || coverage.indexed > 0
        ? l10n.t("No results for “{0}”", query.text || query.query)
        : l10n.t("Nothing is indexed yet"),
    detail: (coverage.complete ? "" : reasons.join(" ")) || searched,
  };
}

function progressText(coverage: Coverage, paused: boolean): string {
  if (coverage.complete) return l10n.t("Searched {0}.", coverageText(coverage));
  return paused
    ? l10n.t("Indexed {0} so far. Indexing is paused.", coverageText(coverage))
    : l10n.t("Indexed {0} so far. Results appear as indexing continues.", coverageText(coverage));
}

/** Returns a row for each filter of a query without results, which searches without that filter. */
export function withoutFilters(typed: string): Message[] {
  return filtersOf(typed).map(({ text, without }) => ({
    icon: "filter-filled",
    label: l10n.t("Search without {0}", text),
    query: without,
  }));
}

/** Returns a row for the words or the filter that the server suggests instead of those typed. */
export function suggestion(typed: string, { reasons }: Answer): Message[] {
  const [, near = ""] = /Did you mean ([^?]+)\?/.exec(reasons.join(" ")) ?? [];
  if (near === "") return [];
  const found = /^((\w+):("[^"]*"|\S+))$/.exec(near);
  if (found === null) return [{ icon: "sparkle", label: l10n.t("Search for “{0}”", near), query: near }];
  const [, filter = "", name = "", value = ""] = found;
  const query = withFilter(typed, name as FilterName, [value.replaceAll('"', "")]);
  return [{ icon: "sparkle", label: l10n.t("Search with {0}", filter), query }];
}

/** Returns the row that resumes indexing if a search is incomplete because it is paused. */
export function resume(status: Status | undefined, { coverage }: Answer): Message[] {
  if (status?.state !== "paused" || coverage.complete) return [];
  const label = status.estimate ? l10n.t("Start Indexing") : l10n.t("Resume Indexing");
  const detail = l10n.t("Indexing is paused: {0} indexed.", coverageText(coverage));
  return [{ icon: "debug-start", label, detail, command: ["codekin.resume"] }];
}

/** Returns the row that shows all results, if the palette does not. */
export function more(typed: string, { results }: Answer, limit: number): Message[] {
  if (results.length < limit) return [];
  return [
    { icon: "list-tree", label: l10n.t("Show More in Results View"), command: ["codekin.searchIntoResults", typed] },
  ];
}

/**
 * Returns the title of the palette: the coverage while it is incomplete, what is degraded unless
 * the message says so, and otherwise the number of results. `limit` is the largest number.
 */
export function titleOf(answer: Answer | undefined, limit: number): string {
  if (answer === undefined) return TITLE;
  const { coverage, reasons, results } = answer;
  const partly = coverage.complete ? [] : [l10n.t("{0} indexed so far", coverageText(coverage))];
  const notes = [...partly, ...(coverage.complete || results.length > 0 ? reasons : [])];
  if (notes.length > 0) return notes.join(" — ");
  return results.length > 0 ? resultsText(results.length, results.length >= limit) : TITLE;
}

/** Returns a number of results, with a plus if there may be more. */
export function resultsText(count: number, mayBeMore = false): string {
  const shown = `${String(count)}${mayBeMore ? "+" : ""}`;
  return shown === "1" ? l10n.t("1 result") : l10n.t("{0} results", shown);
}
