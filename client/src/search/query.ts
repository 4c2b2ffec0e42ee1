/**
 * Filters are written in the query itself (`retry lang:python path:api/**`): what is typed, what a button sets and what
 * is searched are one text. A value with spaces stands in double quotes; `-path:` excludes.
 */
import { MODES, type Filters, type Mode } from "../protocol";

export const FILTER_NAMES = ["lang", "path", "kind", "author", "after", "before", "ext", "mode"] as const;
export type FilterName = (typeof FILTER_NAMES)[number];

/** `mode` is undefined where the query names none. */
export interface ParsedQuery {
  text: string;
  filters: Filters;
  mode: Mode | undefined;
}

const TOKEN = /(?<=^|\s)(-?)(lang|path|kind|author|after|before|ext|mode):(?:"([^"]*)"|([^\s"]+))(?=\s|$)/g;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const LISTS = { lang: "languages", path: "paths", kind: "kinds", author: "authors", ext: "extensions" } as const;

/** What cannot be a filter (an unknown mode, half a date) stays part of the text. */
export function parseQuery(typed: string): ParsedQuery {
  const filters: Filters = {};
  let mode: Mode | undefined;
  const rest = typed.replace(TOKEN, (whole, minus: string, name: FilterName, quoted?: string, plain?: string) => {
    const value = quoted ?? plain ?? "";
    if (name === "mode") {
      const found = MODES.find((known) => known === value);
      if (found === undefined || minus) return whole;
      mode = found;
    } else if (name === "after" || name === "before") {
      if (minus || !DATE.test(value)) return whole;
      filters[name] = value;
    } else {
      if (minus && name !== "path") return whole;
      (filters[LISTS[name]] ??= []).push(minus ? `!${value}` : value);
    }
    return "";
  });
  return { text: rest.replace(/\s+/g, " ").trim(), filters, mode };
}

/** The values of one filter as they stand in the query. */
export function filterValues(typed: string, name: FilterName): string[] {
  return [...typed.matchAll(TOKEN)]
    .filter(([, , found]) => found === name)
    .map(([, minus, , quoted, plain]) => `${minus ?? ""}${quoted ?? plain ?? ""}`);
}

/** The query with the values of one filter replaced; the filter stands last, where one goes on typing before it. */
export function withFilter(typed: string, name: FilterName, values: readonly string[]): string {
  const rest = typed.replace(TOKEN, (whole, _minus, found: FilterName) => (found === name ? "" : whole));
  const tokens = values.map((value) => {
    const minus = value.startsWith("-") ? "-" : "";
    const bare = value.slice(minus.length).replaceAll('"', "");
    return `${minus}${name}:${/\s/.test(bare) ? `"${bare}"` : bare}`;
  });
  return [rest.replace(/\s+/g, " ").trim(), ...tokens].filter((part) => part !== "").join(" ");
}
