/** Finds the point that the pointer or an arrow key selects. Distances are in units of the map. */
import type { Spot } from "./canvas/camera";

export interface Cloud {
  x: readonly number[];
  y: readonly number[];
}

export type Direction = "left" | "right" | "up" | "down";

const AXES: Readonly<Record<Direction, Spot>> = {
  left: { x: -1, y: 0 },
  right: { x: 1, y: 0 },
  up: { x: 0, y: -1 },
  down: { x: 0, y: 1 },
};
const SIDEWAYS_COST = 2;

/** Returns the nearest visible point within `reach`, or undefined if there is none. */
export function pick(cloud: Cloud, spot: Spot, reach: number, visible: (point: number) => boolean): number | undefined {
  return cheapest(cloud, visible, (dx, dy) => (Math.hypot(dx, dy) <= reach ? Math.hypot(dx, dy) : undefined), spot);
}

/**
 * Returns the nearest visible point in a direction, or undefined at the edge. Points straight ahead
 * are preferred to points at the sides.
 */
export function step(
  cloud: Cloud,
  from: number,
  direction: Direction,
  visible: (point: number) => boolean,
): number | undefined {
  const axis = AXES[direction];
  const start = { x: cloud.x[from] ?? 0, y: cloud.y[from] ?? 0 };
  const cost = (dx: number, dy: number): number | undefined => {
    const ahead = dx * axis.x + dy * axis.y;
    const sideways = Math.abs(dx * axis.y - dy * axis.x);
    return ahead > 0 && ahead >= sideways ? ahead + SIDEWAYS_COST * sideways : undefined;
  };
  return cheapest(cloud, (point) => point !== from && visible(point), cost, start);
}

function cheapest(
  { x, y }: Cloud,
  visible: (point: number) => boolean,
  cost: (dx: number, dy: number) => number | undefined,
  from: Spot,
): number | undefined {
  let best: number | undefined;
  let lowest = Infinity;
  for (let point = 0; point < x.length; point += 1) {
    const found = cost((x[point] ?? 0) - from.x, (y[point] ?? 0) - from.y);
    if (found !== undefined && found < lowest && visible(point)) {
      best = point;
      lowest = found;
    }
  }
  return best;
}
