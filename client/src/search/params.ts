/** From what is typed to what the server is asked. */
import type { SearchParams } from "../protocol";
import { setting } from "../settings";
import { parseQuery } from "./query";

/** Undefined where there is nothing to search for. */
export function searchParams(typed: string): Required<Pick<SearchParams, "query" | "mode">> | undefined {
  const { query, mode = setting("search.mode") } = parseQuery(typed);
  return query === "" ? undefined : { query, mode };
}
