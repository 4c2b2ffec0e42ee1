/** What the page of the map and the extension say to each other. Points are positions in the arrays of the map. */
import type { SemanticMap } from "../protocol";

export type ToExtension =
  | { type: "ready" }
  | { type: "open"; point: number; beside: boolean }
  | { type: "look"; point: number }
  | { type: "search"; query: string };

export type ToPage =
  | { type: "map"; map: SemanticMap }
  /** There is nothing to draw, or it cannot be had: why. */
  | { type: "notice"; text: string }
  /** The first lines of a point, and the points most like it. */
  | { type: "look"; point: number; lines: string; kin: number[] }
  | { type: "hits"; query: string; points: number[]; note: string };
