/** Messages of the palette about empty and incomplete answers, with what can be done about them. */
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

const TITLE = "Search Code";
const LOG: Message = { icon: "output", label: "Show Log", command: ["codekin.showLog"] };

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
        first("cloud-download", "Install the Server", "codekin.install"),
        { icon: "list-selection", label: "Choose Interpreter", command: ["codekin.chooseInterpreter"] },
        LOG,
      ];
    case "stopped":
      return [first("debug-restart", "Restart the Server", "codekin.restart"), LOG];
    case "off":
      return [first("gear", "Enable Codekin", "workbench.action.openSettings", "codekin.enabled")];
    case "idle":
      return [first("folder-opened", "Open Folder", "vscode.openFolder")];
    default:
      return [{ icon: "loading~spin", label: "Starting…", detail }];
  }
}

/** Returns the message for an empty query. */
export function welcome(coverage: Coverage | undefined): Message {
  return {
    icon: "lightbulb",
    label: coverage ? `${coverageText(coverage)} indexed` : "Opening the index…",
    detail: "Examples:  where is the retry logic?  lang:python  path:api/**  mode:regex",
  };
}

/** Returns the message for an answer without results. */
export function noResults(query: ParsedQuery, { coverage, reasons }: Answer): Message {
  const filtered = query.filtered ? " Try fewer filters." : "";
  const searched = coverage.complete
    ? `Searched ${coverageText(coverage)}.${filtered}`
    : `Indexed ${coverageText(coverage)} so far. Results appear as indexing continues.${filtered}`;
  return {
    icon: coverage.complete ? "search-stop" : "sync",
    label:
      coverage.complete || coverage.indexed > 0
        ? `No results for “${query.text || query.query}”`
        : "Nothing is indexed yet",
    detail: (coverage.complete ? "" : reasons.join(" ")) || searched,
  };
}

/** Returns a row for each filter of a query without results, which searches without that filter. */
export function withoutFilters(typed: string): Message[] {
  return filtersOf(typed).map(({ text, without }) => ({
    icon: "filter-filled",
    label: `Search without ${text}`,
    query: without,
  }));
}

/** Returns a row for the words or the filter that the server suggests instead of those typed. */
export function suggestion(typed: string, { reasons }: Answer): Message[] {
  const [, near = ""] = /Did you mean ([^?]+)\?/.exec(reasons.join(" ")) ?? [];
  if (near === "") return [];
  const found = /^((\w+):("[^"]*"|\S+))$/.exec(near);
  if (found === null) return [{ icon: "sparkle", label: `Search for “${near}”`, query: near }];
  const [, filter = "", name = "", value = ""] = found;
  const query = withFilter(typed, name as FilterName, [value.replaceAll('"', "")]);
  return [{ icon: "sparkle", label: `Search with ${filter}`, query }];
}

/** Returns the row that resumes indexing if a search is incomplete because it is paused. */
export function resume(status: Status | undefined, { coverage }: Answer): Message[] {
  if (status?.state !== "paused" || coverage.complete) return [];
  const label = status.estimate ? "Start Indexing" : "Resume Indexing";
  const detail = `Indexing is paused: ${coverageText(coverage)} indexed.`;
  return [{ icon: "debug-start", label, detail, command: ["codekin.resume"] }];
}

/** Returns the row that shows all results, if the palette does not. */
export function more(typed: string, { results }: Answer, limit: number): Message[] {
  if (results.length < limit) return [];
  return [{ icon: "list-tree", label: "Show More in Results View", command: ["codekin.searchIntoResults", typed] }];
}

/**
 * Returns the title of the palette: the coverage while it is incomplete, what is degraded unless
 * the message says so, and otherwise the number of results. `limit` is the largest number.
 */
export function titleOf(answer: Answer | undefined, limit: number): string {
  if (answer === undefined) return TITLE;
  const { coverage, reasons, results } = answer;
  const partly = coverage.complete ? [] : [`${coverageText(coverage)} indexed so far`];
  const notes = [...partly, ...(coverage.complete || results.length > 0 ? reasons : [])];
  if (notes.length > 0) return notes.join(" — ");
  const count = `${String(results.length)}${results.length >= limit ? "+" : ""}`;
  return results.length > 0 ? `${count} ${results.length === 1 ? "result" : "results"}` : TITLE;
}
