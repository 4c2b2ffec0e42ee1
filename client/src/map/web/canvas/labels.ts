/** Where the names of regions are written: beside the dots of a map that has few of them. */
import type { Spot } from "./camera";

/** Where text is: its left end, its middle line and its width. */
export interface Box {
  x: number;
  y: number;
  width: number;
}

export const LINE_HEIGHT = 14;
/** On a map with more dots, every place covers some. */
const MOST_DOTS = 400;
/** Moves of a name from the middle of its region, in lines. The first of the best is taken. */
const MOVES = [0, -1, 1, -2, 2];

export const overlaps = (box: Box, taken: readonly Box[]): boolean =>
  taken.some(({ x, y, width }) => Math.abs(y - box.y) < LINE_HEIGHT && x < box.x + box.width && box.x < x + width);

/** Returns the box, moved up or down by whole lines to where it covers the fewest dots. */
export function besideDots(box: Box, dots: readonly Spot[], radius: number): Box {
  if (dots.length > MOST_DOTS) return box;
  const places = MOVES.map((lines) => ({ ...box, y: box.y + lines * LINE_HEIGHT }));
  const counts = places.map((place) => dots.filter((dot) => isCovered(dot, place, radius)).length);
  return places[counts.indexOf(Math.min(...counts))] ?? box;
}

function isCovered({ x, y }: Spot, box: Box, radius: number): boolean {
  const inside = x > box.x - radius && x < box.x + box.width + radius;
  return inside && Math.abs(y - box.y) < LINE_HEIGHT / 2 + radius;
}
