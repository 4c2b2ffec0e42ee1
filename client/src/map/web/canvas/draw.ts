/**
 * Draws the map: dots for code, rings for tests, and names of points and regions that do not overlap. At the right edge,
 * names are to the left of their dots.
 */
import { toScreen, type Size, type Spot } from "./camera";
import { besideDots, overlaps, type Box } from "./labels";
import { stepOf } from "./regions";
import { groupOf, isVisible, nameOf, positionOf, type Scene } from "./scene";
import type { Theme } from "./theme";

const MAX_NAMES = 60;
const MAX_REGIONS = 24;
const NAME_GAP = 4;
/** How much larger hits are than other dots. */
const HIT_SIZE = 1.6;

export function draw(context: CanvasRenderingContext2D, scene: Scene, size: Size, theme: Theme): void {
  context.clearRect(0, 0, size.width, size.height);
  const shown = onScreen(scene, size);
  const radius = radiusOf(shown.size);
  const isStrong = (point: number): boolean => !scene.searching || scene.hits.has(point);
  // In one path, so that dots on each other are not darker than one, and look like hits.
  context.globalAlpha = theme.faded;
  const faded = [...shown].filter(([point]) => !isStrong(point));
  dots(context, scene, faded, radius, theme.foreground);
  context.globalAlpha = 0.9;
  for (const [group, name] of scene.map.groups.entries()) {
    const own = [...shown].filter(([point]) => groupOf(scene.map, point) === group && isStrong(point));
    dots(context, scene, own, scene.searching ? radius * HIT_SIZE : radius, theme.group(group, name));
  }
  context.globalAlpha = 1;
  if (scene.searching)
    for (const [point, spot] of shown) if (isStrong(point)) ring(context, spot, radius * HIT_SIZE, theme.foreground, 1);
  similarityLines(context, scene, size, theme);
  const taken = names(context, scene, shown, size, radius, theme);
  if (shown.size > MAX_NAMES || scene.searching)
    regionNames(context, scene, [...shown.values()], size, radius, theme, taken);
  for (const point of [scene.selected, scene.hovered]) {
    const spot = point === undefined ? undefined : shown.get(point);
    if (spot) ring(context, spot, radius * (scene.searching ? HIT_SIZE : 1) + 3, theme.focus || theme.foreground, 2);
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
): Box[] {
  const marked = new Set([...scene.hits, ...scene.similar, ...(scene.selected === undefined ? [] : [scene.selected])]);
  const few = shown.size <= MAX_NAMES && !scene.searching;
  const wanted = few ? [...shown.keys()] : [...marked].filter((point) => shown.has(point)).slice(0, MAX_NAMES);
  context.font = `11px ${theme.font}`;
  context.textBaseline = "middle";
  const taken: Box[] = [];
  for (const point of wanted) {
    const spot = shown.get(point);
    if (spot === undefined) continue;
    const text = nameOf(scene.map, point);
    const { width } = context.measureText(text);
    const gap = radius + NAME_GAP;
    const right = spot.x + gap + width + NAME_GAP <= size.width;
    const box = { x: right ? spot.x + gap : spot.x - gap - width, y: spot.y, width };
    // Skip a name that would overlap another.
    if (overlaps(box, taken)) continue;
    taken.push(box);
    write(context, text, box, theme);
  }
  return taken;
}

/** Writes the names of regions where they overlap neither each other nor the names of points. */
function regionNames(
  context: CanvasRenderingContext2D,
  scene: Scene,
  spots: readonly Spot[],
  size: Size,
  radius: number,
  theme: Theme,
  taken: readonly Box[],
): void {
  context.font = `600 13px ${theme.font}`;
  const written = [...taken];
  for (const { name, spot } of regionsOn(scene, size)) {
    const { width } = context.measureText(name);
    const box = besideDots({ x: spot.x - width / 2, y: spot.y, width }, spots, radius);
    if (written.length - taken.length === MAX_REGIONS) return;
    if (box.x < 0 || box.x + width > size.width || overlaps(box, written)) continue;
    written.push(box);
    write(context, name, box, theme);
  }
}

/** Returns the regions whose middle is on the screen, the largest first. */
export function regionsOn({ regions, camera, hidden }: Scene, size: Size): { name: string; spot: Spot }[] {
  return regions
    .at(stepOf(camera.scale), hidden)
    .map(({ name, place }) => ({ name, spot: toScreen(camera, place, size) }))
    .filter(({ spot: { x, y } }) => x > 0 && y > 0 && x < size.width && y < size.height);
}

/** Writes text with an outline in the colour of the background, so that it can be read on dots. */
function write(context: CanvasRenderingContext2D, text: string, { x, y }: Box, theme: Theme): void {
  context.strokeStyle = theme.background;
  context.lineWidth = 3;
  context.strokeText(text, x, y);
  context.fillStyle = theme.foreground;
  context.fillText(text, x, y);
}

function ring(context: CanvasRenderingContext2D, { x, y }: Spot, radius: number, color: string, width: number): void {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.strokeStyle = color;
  context.lineWidth = width;
  context.stroke();
}
