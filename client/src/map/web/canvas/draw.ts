/**
 * Draws the map: dots for code, rings for tests, and names that do not overlap. At the right edge,
 * names are to the left of their dots.
 */
import { toScreen, type Size, type Spot } from "./camera";
import { groupOf, isVisible, nameOf, positionOf, type Scene } from "./scene";
import type { Theme } from "./theme";

const MAX_NAMES = 60;
const NAME_GAP = 4;

export function draw(context: CanvasRenderingContext2D, scene: Scene, size: Size, theme: Theme): void {
  context.clearRect(0, 0, size.width, size.height);
  const shown = onScreen(scene, size);
  const radius = radiusOf(shown.size);
  for (const [group, name] of scene.map.groups.entries()) {
    const own = [...shown].filter(([point]) => groupOf(scene.map, point) === group);
    const color = theme.group(group, name);
    const strong = own.filter(([point]) => !scene.searching || scene.hits.has(point));
    context.globalAlpha = theme.faded;
    if (scene.searching) dots(context, scene, own, radius, color);
    context.globalAlpha = 0.9;
    dots(context, scene, strong, scene.searching ? radius * 1.4 : radius, color);
  }
  context.globalAlpha = 1;
  similarityLines(context, scene, size, theme);
  names(context, scene, shown, size, radius, theme);
  for (const point of [scene.selected, scene.hovered]) {
    const spot = point === undefined ? undefined : shown.get(point);
    if (spot) ring(context, spot, radius + 3, theme.focus || theme.foreground);
  }
}

function onScreen(scene: Scene, size: Size): Map<number, Spot> {
  const shown = new Map<number, Spot>();
  for (let point = 0; point < scene.map.points.x.length; point += 1) {
    const spot = toScreen(scene.camera, positionOf(scene.map, point), size);
    const inside = spot.x > -9 && spot.y > -9 && spot.x < size.width + 9 && spot.y < size.height + 9;
    if (inside && isVisible(scene, point)) shown.set(point, spot);
  }
  return shown;
}

/** Returns the radius of the dots, from 1.5 to 5 pixels: the fewer dots, the larger. */
function radiusOf(count: number): number {
  return Math.min(5, Math.max(1.5, 60 / Math.sqrt(count + 1)));
}

function dots(
  context: CanvasRenderingContext2D,
  { map }: Scene,
  points: readonly [number, Spot][],
  radius: number,
  color: string,
): void {
  const filled = new Path2D();
  const hollow = new Path2D();
  for (const [point, { x, y }] of points) {
    const path = map.points.kind[point] === "test" ? hollow : filled;
    path.moveTo(x + radius, y);
    path.arc(x, y, radius, 0, 2 * Math.PI);
  }
  context.fillStyle = color;
  context.fill(filled);
  context.strokeStyle = color;
  context.lineWidth = Math.max(1, radius / 3);
  context.stroke(hollow);
}

function similarityLines(context: CanvasRenderingContext2D, scene: Scene, size: Size, theme: Theme): void {
  const { selected, map, camera } = scene;
  if (selected === undefined) return;
  const at = (point: number): Spot => toScreen(camera, positionOf(map, point), size);
  const from = at(selected);
  context.strokeStyle = theme.focus || theme.foreground;
  context.lineWidth = 1;
  context.beginPath();
  for (const spot of scene.similar.filter((point) => isVisible(scene, point)).map(at)) {
    context.moveTo(from.x, from.y);
    context.lineTo(spot.x, spot.y);
  }
  context.stroke();
}

function names(
  context: CanvasRenderingContext2D,
  scene: Scene,
  shown: ReadonlyMap<number, Spot>,
  size: Size,
  radius: number,
  theme: Theme,
): void {
  const marked = new Set([...scene.hits, ...scene.similar, ...(scene.selected === undefined ? [] : [scene.selected])]);
  const few = shown.size <= MAX_NAMES && !scene.searching;
  const wanted = few ? [...shown.keys()] : [...marked].filter((point) => shown.has(point)).slice(0, MAX_NAMES);
  context.font = `11px ${theme.font}`;
  context.textBaseline = "middle";
  const taken: { x: number; y: number; width: number }[] = [];
  for (const point of wanted) {
    const spot = shown.get(point);
    if (spot === undefined) continue;
    const text = nameOf(scene.map, point);
    const { width } = context.measureText(text);
    const gap = radius + NAME_GAP;
    const right = spot.x + gap + width + NAME_GAP <= size.width;
    const box = { x: right ? spot.x + gap : spot.x - gap - width, y: spot.y, width };
    // Skip a name that would overlap another.
    if (taken.some(({ x, y, width }) => Math.abs(y - box.y) < 12 && x < box.x + box.width && box.x < x + width))
      continue;
    taken.push(box);
    context.strokeStyle = theme.background;
    context.lineWidth = 3;
    context.strokeText(text, box.x, box.y);
    context.fillStyle = theme.foreground;
    context.fillText(text, box.x, box.y);
  }
}

function ring(context: CanvasRenderingContext2D, { x, y }: Spot, radius: number, color: string): void {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.strokeStyle = color;
  context.lineWidth = 2;
  context.stroke();
}
