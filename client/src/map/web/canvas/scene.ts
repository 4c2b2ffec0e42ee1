/** The data that is drawn: the map and the state of the view. */
import type { SemanticMap } from "../../../protocol";
import { visible } from "../../../visible";
import type { Camera, Spot } from "./camera";
import type { Regions } from "./regions";

export interface Scene {
  map: SemanticMap;
  camera: Camera;
  hidden: ReadonlySet<string>;
  hits: ReadonlySet<number>;
  searching: boolean;
  selected: number | undefined;
  hovered: number | undefined;
  similar: readonly number[];
  regions: Regions;
}

export function groupOf(map: SemanticMap, point: number): number {
  return map.files[map.points.file[point] ?? -1]?.group ?? 0;
}

export function isVisible({ map, hidden }: Pick<Scene, "map" | "hidden">, point: number): boolean {
  return !hidden.has(map.groups[groupOf(map, point)] ?? "");
}

/** Returns the position of a point on the map. */
export function positionOf({ points }: SemanticMap, point: number): Spot {
  return { x: points.x[point] ?? 0, y: points.y[point] ?? 0 };
}

/** Returns the location by which the selected point can be found again in another map. */
export function anchorOf({ map: { files, points }, selected }: Scene): { uri: string; line: number } | undefined {
  const uri = files[points.file[selected ?? -1] ?? -1]?.uri;
  const line = points.startLine[selected ?? -1];
  return uri === undefined || line === undefined ? undefined : { uri, line };
}

/** Returns the symbol of a point, or the name of its file if it has none. */
export function nameOf(map: SemanticMap, point: number): string {
  return visible(map.points.symbol[point] || pathOf(map, point).replace(/^.*\//, ""));
}

export function pathOf(map: SemanticMap, point: number): string {
  return map.files[map.points.file[point] ?? -1]?.path ?? "";
}

/** Returns `path:first-last`, with 1-based and inclusive lines, for display. */
export function placeOf(map: SemanticMap, point: number): string {
  const first = (map.points.startLine[point] ?? 0) + 1;
  const last = Math.max(first, map.points.endLine[point] ?? 0);
  return `${visible(pathOf(map, point))}:${String(first)}${last > first ? `-${String(last)}` : ""}`;
}
