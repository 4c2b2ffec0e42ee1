/**
 * Converts between positions on the map and pixels on the screen. `scale` is in pixels per unit of
 * the map, and `x` and `y` are the position in the middle of the screen.
 */
export interface Camera {
  x: number;
  y: number;
  scale: number;
}

export interface Size {
  width: number;
  height: number;
}

export interface Spot {
  x: number;
  y: number;
}

const MARGIN = 0.08;
const MAX_ZOOM = 60;

/** Returns the camera that shows all positions. */
export function fit(xs: readonly number[], ys: readonly number[], size: Size): Camera {
  const [left, right] = extent(xs);
  const [top, bottom] = extent(ys);
  const room = 1 - 2 * MARGIN;
  const scale = Math.min((room * size.width) / (right - left || 1), (room * size.height) / (bottom - top || 1));
  return { x: (left + right) / 2, y: (top + bottom) / 2, scale: Math.max(scale, 1e-6) };
}

function extent(values: readonly number[]): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low > high ? [0, 0] : [low, high];
}

export function toScreen({ x, y, scale }: Camera, place: Spot, { width, height }: Size): Spot {
  return { x: (place.x - x) * scale + width / 2, y: (place.y - y) * scale + height / 2 };
}

export function toMap({ x, y, scale }: Camera, spot: Spot, { width, height }: Size): Spot {
  return { x: (spot.x - width / 2) / scale + x, y: (spot.y - height / 2) / scale + y };
}

/**
 * Returns a camera that is zoomed at `spot`, whose position on the map does not move. The limits of
 * the scale are relative to `overview`, the camera that shows everything.
 */
export function zoom(camera: Camera, factor: number, spot: Spot, size: Size, overview: Camera): Camera {
  const scale = Math.min(Math.max(camera.scale * factor, overview.scale / 2), overview.scale * MAX_ZOOM);
  const fixed = toMap(camera, spot, size);
  const ratio = camera.scale / scale;
  return { x: fixed.x + (camera.x - fixed.x) * ratio, y: fixed.y + (camera.y - fixed.y) * ratio, scale };
}

export function pan(camera: Camera, dx: number, dy: number): Camera {
  return { ...camera, x: camera.x - dx / camera.scale, y: camera.y - dy / camera.scale };
}

/** Moves the camera no farther than necessary to bring a position onto the screen. */
export function bringIn(camera: Camera, place: Spot, size: Size): Camera {
  const spot = toScreen(camera, place, size);
  const border = 0.1 * Math.min(size.width, size.height);
  const dx = Math.max(border - spot.x, 0) - Math.max(spot.x - (size.width - border), 0);
  const dy = Math.max(border - spot.y, 0) - Math.max(spot.y - (size.height - border), 0);
  return pan(camera, dx, dy);
}
