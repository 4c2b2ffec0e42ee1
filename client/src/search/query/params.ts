/** Converts the typed text to parameters of a search. */
import type { SearchParams } from "../../protocol";
import { setting } from "../../settings";
import { parseQuery } from "./query";

/** Returns undefined if there is nothing to search for. */
export function searchParams(typed: string): Required<Pick<SearchParams, "query" | "mode">> | undefined {
  const { query, mode = setting("search.mode") } = parseQuery(typed);
  return query === "" ? undefined : { query, mode };
}
