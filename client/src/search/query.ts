/**
 * Filters are written in the query itself (`retry lang:python path:api/**`): what is typed, what a button sets and what
 * is searched are one text. The server reads them; here they are found to be shown and replaced. Only `mode:` is the client's.
 */
import { MODES, QUERY_FILTERS, type Mode } from "../protocol";

export const FILTER_NAMES = [...QUERY_FILTERS, "mode"] as const;
export type FilterName = (typeof FILTER_NAMES)[number];

/** `query` is what the server is asked, `text` what of it is no filter. `mode` is undefined where none is named. */
export interface ParsedQuery {
  query: string;
  text: string;
  filtered: boolean;
  mode: Mode | undefined;
}

const VALUE = `(?:"[^"]*"|[^\\s",]+)`;
const TOKEN = new RegExp(`(?<=^|\\s)(-?)(${FILTER_NAMES.join("|")}):(${VALUE}(?:,${VALUE})*)(?=\\s|$)`, "g");

/** An unknown mode stays part of the text. */
export function parseQuery(typed: string): ParsedQuery {
  let mode: Mode | undefined;
  const query = typed.replace(TOKEN, (whole, minus: string, name: FilterName, value: string) => {
    const found = name === "mode" && !minus ? MODES.find((known) => known === value) : undefined;
    mode = found ?? mode;
    return found === undefined ? whole : "";
  });
  const text = query.replace(TOKEN, "");
  return { query: query.trim(), text: text.replace(/\s+/g, " ").trim(), filtered: text !== query, mode };
}

/** The values of one filter as they stand in the query; those that exclude begin with a minus. */
export function filterValues(typed: string, name: FilterName): string[] {
  return [...typed.matchAll(TOKEN)]
    .filter(([, , found]) => found === name)
    .flatMap(([, minus, , values]) =>
      [...(values ?? "").matchAll(new RegExp(VALUE, "g"))].map(
        ([value]) => `${minus ?? ""}${value.replaceAll('"', "")}`,
      ),
    );
}

/** The query with the values of one filter replaced; the filter stands last, where one goes on typing before it. */
export function withFilter(typed: string, name: FilterName, values: readonly string[]): string {
  const rest = typed.replace(TOKEN, (whole, _minus, found: FilterName) => (found === name ? "" : whole));
  const tokens = values.map((value) => {
    const minus = value.startsWith("-") ? "-" : "";
    return `${minus}${name}:${quoted(value.slice(minus.length))}`;
  });
  return [rest.replace(/\s+/g, " ").trim(), ...tokens].filter((part) => part !== "").join(" ");
}

/** A value as it is written in a query. */
export function quoted(value: string): string {
  const bare = value.replaceAll('"', "");
  return /[\s,]/.test(bare) ? `"${bare}"` : bare;
}
