/**
 * The messages between the page of the map and the extension. Points are positions in the arrays of
 * the map.
 */
import type { SemanticMap } from "../protocol";

export type ToExtension =
  | { type: "ready" }
  | { type: "open"; point: number; beside: boolean }
  | { type: "details"; point: number }
  | { type: "search"; query: string };

export type ToPage =
  | { type: "map"; map: SemanticMap }
  /** The reason why there is no map. */
  | { type: "notice"; text: string }
  /** The first lines of a point and the points most similar to it. */
  | { type: "details"; point: number; lines: string; similar: number[] }
  /** The points of a file, and the one to select. */
  | { type: "file"; points: number[]; selected: number | undefined; note: string }
  | { type: "hits"; query: string; points: number[]; note: string };
