/**
 * Filters are part of the query (`retry lang:python path:api/**`), whether they are typed or set by
 * a button. The server interprets them. The client finds them to display and replace them, and
 * interprets only `mode:`.
 */
import { MODES, QUERY_FILTERS, type Mode } from "../../protocol";

export const FILTER_NAMES = [...QUERY_FILTERS, "mode"] as const;
export type FilterName = (typeof FILTER_NAMES)[number];

/**
 * `query` is sent to the server, and `text` is the query without filters. `mode` is undefined if
 * the query does not name one.
 */
export interface ParsedQuery {
  query: string;
  text: string;
  filtered: boolean;
  mode: Mode | undefined;
}

const VALUE = `(?:"[^"]*"|[^\\s",]+)`;
const TOKEN = new RegExp(`(?<=^|\\s)(-?)(${FILTER_NAMES.join("|")}):(${VALUE}(?:,${VALUE})*)(?=\\s|$)`, "g");

/** Parses a query. An unknown mode remains part of the text. */
export function parseQuery(typed: string): ParsedQuery {
  let mode: Mode | undefined;
  const query = typed.replace(TOKEN, (token, minus: string, name: FilterName, value: string) => {
    const found = name === "mode" && !minus ? MODES.find((known) => known === value) : undefined;
    mode = found ?? mode;
    return found === undefined ? token : "";
  });
  const text = query.replace(TOKEN, "");
  return { query: query.trim(), text: text.replace(/\s+/g, " ").trim(), filtered: text !== query, mode };
}

/** Returns the values of one filter. Values that exclude begin with a minus. */
export function filterValues(typed: string, name: FilterName): string[] {
  return [...typed.matchAll(TOKEN)]
    .filter(([, , found]) => found === name)
    .flatMap(([, minus, , values]) =>
      [...(values ?? "").matchAll(new RegExp(VALUE, "g"))].map(
        ([value]) => `${minus ?? ""}${value.replaceAll('"', "")}`,
      ),
    );
}

/** Returns each filter as it is written, and the query without it. */
export function filtersOf(typed: string): { text: string; without: string }[] {
  return [...typed.matchAll(TOKEN)].map((found) => {
    const rest = `${typed.slice(0, found.index)} ${typed.slice(found.index + found[0].length)}`;
    return { text: found[0], without: rest.replace(/\s+/g, " ").trim() };
  });
}

/** Returns the words of a query without filters, and its filters as they are written. */
export function splitQuery(typed: string): { words: string; filters: string[] } {
  const filters = [...typed.matchAll(TOKEN)].map(([token]) => token);
  return { words: typed.replace(TOKEN, "").replace(/\s+/g, " ").trim(), filters };
}

/** Returns the name of a filter as it is written, without a minus. */
export const nameOfFilter = (filter: string): string => /^-?(\w+):/.exec(filter)?.[1] ?? filter;

/** Returns the query with the values of one filter replaced. The filter is moved to the end. */
export function withFilter(typed: string, name: FilterName, values: readonly string[]): string {
  const rest = typed.replace(TOKEN, (token, _minus, found: FilterName) => (found === name ? "" : token));
  const tokens = values.map((value) => {
    const minus = value.startsWith("-") ? "-" : "";
    return `${minus}${name}:${quoted(value.slice(minus.length))}`;
  });
  return [rest.replace(/\s+/g, " ").trim(), ...tokens].filter((part) => part !== "").join(" ");
}

/** Returns a value as it is written in a query, in quotation marks if necessary. */
export function quoted(value: string): string {
  const bare = value.replaceAll('"', "");
  return /[\s,]/.test(bare) ? `"${bare}"` : bare;
}
