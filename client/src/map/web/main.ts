/** The page of the map: takes what the extension sends, and turns keys and the pointer into what it shows. */
import type { SemanticMap } from "../../protocol";
import type { ToExtension, ToPage } from "../messages";
import { bringIn, fit, pan, toMap, toScreen, zoom, type Camera, type Size, type Spot } from "./camera";
import { placeCard, showCard } from "./card";
import { draw } from "./draw";
import { showLegend } from "./legend";
import { pick, step, type Direction } from "./picking";
import { isVisible, nameOf, placeOf, type Scene } from "./scene";
import { readTheme } from "./theme";

interface Saved {
  camera?: Camera;
  hidden?: string[];
  query?: string;
  selected?: { uri: string; line: number };
}

declare function acquireVsCodeApi(): {
  postMessage: (message: ToExtension) => void;
  getState: () => Saved | undefined;
  setState: (state: Saved) => void;
};

const REACH_PX = 12;
const DRAG_PX = 4;
const ZOOM_STEP = 1.4;
const LOOK_MS = 120;
const DIRECTIONS: Readonly<Record<string, Direction>> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
};

const element = (id: string): HTMLElement => document.getElementById(id) as HTMLElement;
const canvas = element("map") as HTMLCanvasElement;
const search = element("search") as HTMLInputElement;
const card = element("card");
const notice = element("notice");
const vscode = acquireVsCodeApi();
const saved = vscode.getState() ?? {};
const context = canvas.getContext("2d");
if (context === null) throw new Error("no canvas");

let theme = readTheme(document.body);
let scene: Scene | undefined;
let whole: Camera = { x: 0, y: 0, scale: 1 };
let waiting = false;
let looking: number | undefined;
let lines: { point: number; text: string } | undefined;

function size(): Size {
  return { width: canvas.clientWidth, height: canvas.clientHeight };
}

/** Draws once for all changes of a frame. */
function change(part: Partial<Scene>): void {
  if (scene === undefined) return;
  scene = { ...scene, ...part };
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    redraw();
  });
}

function redraw(): void {
  if (scene === undefined || context === null) return;
  const { width, height } = size();
  const ratio = window.devicePixelRatio;
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high];
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  draw(context, scene, { width, height }, theme);
  showFocus(scene);
  tellTests(scene);
  save(scene);
}

/** The card belongs to what the pointer is on, else to what the keys have chosen while they are the map's. */
function showFocus(now: Scene): void {
  const point = now.hovered ?? (document.activeElement === canvas && document.hasFocus() ? now.selected : undefined);
  if (point === undefined || !isVisible(now, point) || !isOn(spotOf(now, point))) {
    card.hidden = true;
    return;
  }
  showCard(card, now.map, point, lines?.point === point ? lines.text : "");
  placeCard(card, spotOf(now, point), size());
}

function spotOf({ map, camera }: Scene, point: number): Spot {
  return toScreen(camera, { x: map.points.x[point] ?? 0, y: map.points.y[point] ?? 0 }, size());
}

/** What an end-to-end test can go by: a canvas has no elements. */
function tellTests(now: Scene): void {
  const { selected, map } = now;
  const spot = selected === undefined ? undefined : spotOf(now, selected);
  canvas.dataset["shown"] = String(map.shown);
  canvas.dataset["hits"] = String(now.hits.size);
  canvas.dataset["selected"] = selected === undefined ? "" : placeOf(map, selected);
  canvas.dataset["selectedAt"] = spot ? `${String(Math.round(spot.x))},${String(Math.round(spot.y))}` : "";
}

function save({ map, camera, hidden, selected }: Scene): void {
  const file = selected === undefined ? undefined : map.files[map.points.file[selected] ?? -1];
  const line = selected === undefined ? undefined : map.points.startLine[selected];
  const chosen = file && line !== undefined ? { selected: { uri: file.uri, line } } : {};
  vscode.setState({ camera, hidden: [...hidden], query: search.value, ...chosen });
}

function takeMap(map: SemanticMap): void {
  notice.hidden = true;
  const before = scene;
  const kept = before ? placeKept(before, map) : savedPlace(map);
  whole = fit(map.points.x, map.points.y, size());
  scene = {
    map,
    camera: before?.camera ?? saved.camera ?? whole,
    hidden: before?.hidden ?? new Set(saved.hidden ?? []),
    hits: new Set(),
    searching: false,
    selected: kept,
    hovered: undefined,
    kin: [],
  };
  legend();
  summarize(map);
  // Points have other numbers now.
  if (search.value) vscode.postMessage({ type: "search", query: search.value });
  if (kept !== undefined) look(kept);
  change({});
}

function placeKept({ map, selected }: Scene, next: SemanticMap): number | undefined {
  if (selected === undefined) return undefined;
  const file = map.files[map.points.file[selected] ?? -1];
  return file && pointAt(next, file.uri, map.points.startLine[selected] ?? 0);
}

function savedPlace(map: SemanticMap): number | undefined {
  return saved.selected && pointAt(map, saved.selected.uri, saved.selected.line);
}

function pointAt(map: SemanticMap, uri: string, line: number): number | undefined {
  const point = map.points.file.findIndex(
    (file, at) =>
      map.files[file]?.uri === uri && (map.points.startLine[at] ?? 0) <= line && line < (map.points.endLine[at] ?? 0),
  );
  return point < 0 ? undefined : point;
}

function legend(): void {
  if (scene === undefined) return;
  showLegend(element("legend"), scene.map, scene.hidden, theme, (group) => {
    const hidden = new Set(scene?.hidden);
    if (!hidden.delete(group)) hidden.add(group);
    change({ hidden });
    legend();
  });
}

function summarize(map: SemanticMap): void {
  const number = (value: number): string => value.toLocaleString("en-US");
  const part =
    map.shown < map.total
      ? `A sample of ${number(map.shown)} of ${number(map.total)} chunks`
      : `${number(map.shown)} chunks`;
  const folders = map.groups.map((name) => name || "elsewhere").join(", ");
  element("summary").textContent =
    `${part} of code, alike ones near each other, by folder: ${folders}. Arrow keys go from one to its neighbour, Enter opens it, plus and minus zoom, 0 shows everything.`;
  canvas.setAttribute("aria-label", `Semantic map, ${part}`);
  if (map.shown < map.total && !search.value) element("note").textContent = part;
}

function say(point: number): void {
  if (scene) element("said").textContent = `${nameOf(scene.map, point)}, ${placeOf(scene.map, point)}`;
}

function select(point: number | undefined): void {
  if (scene === undefined || point === undefined) return;
  const place = { x: scene.map.points.x[point] ?? 0, y: scene.map.points.y[point] ?? 0 };
  change({ selected: point, hovered: undefined, kin: [], camera: bringIn(scene.camera, place, size()) });
  say(point);
  look(point);
}

/** Asks for the lines and the kin of a point that one stays on. */
function look(point: number): void {
  window.clearTimeout(looking);
  looking = window.setTimeout(() => vscode.postMessage({ type: "look", point }), LOOK_MS);
}

function under(spot: Spot): number | undefined {
  if (scene === undefined) return undefined;
  const now = scene;
  return pick(now.map.points, toMap(now.camera, spot, size()), REACH_PX / now.camera.scale, (point) =>
    isVisible(now, point),
  );
}

/** The point in the middle, where nothing is selected yet. */
function entry(now: Scene): number | undefined {
  return pick(now.map.points, now.camera, Infinity, (point) => isVisible(now, point));
}

function zoomBy(factor: number, spot: Spot): void {
  if (scene) change({ camera: zoom(scene.camera, factor, spot, size(), whole) });
}

function fitAll(): void {
  if (scene === undefined) return;
  whole = fit(scene.map.points.x, scene.map.points.y, size());
  change({ camera: whole });
}

function pressed(event: KeyboardEvent): void {
  if (scene === undefined) return;
  const now = scene;
  const direction = DIRECTIONS[event.key];
  const middle = zoomCentre(now);
  if (direction) {
    const { selected } = now;
    select(
      selected === undefined ? entry(now) : step(now.map.points, selected, direction, (point) => isVisible(now, point)),
    );
  } else if (event.key === "Enter" && now.selected !== undefined) {
    vscode.postMessage({ type: "open", point: now.selected, beside: event.ctrlKey || event.metaKey });
  } else if (event.key === "+" || event.key === "=") {
    zoomBy(ZOOM_STEP, middle);
  } else if (event.key === "-") {
    zoomBy(1 / ZOOM_STEP, middle);
  } else if (event.key === "0") {
    fitAll();
  } else if (event.key === "/") {
    search.focus();
  } else if (event.key === "Escape") {
    change({ selected: undefined, hovered: undefined, kin: [] });
  } else {
    return;
  }
  event.preventDefault();
}

/** What is selected, as long as one sees it, else the middle. */
function zoomCentre(now: Scene): Spot {
  const { width, height } = size();
  const spot = now.selected === undefined ? undefined : spotOf(now, now.selected);
  return spot && isOn(spot) ? spot : { x: width / 2, y: height / 2 };
}

function isOn({ x, y }: Spot): boolean {
  return x >= 0 && y >= 0 && x <= size().width && y <= size().height;
}

let drag: { x: number; y: number; moved: boolean } | undefined;

function moved(event: PointerEvent): void {
  const spot = { x: event.offsetX, y: event.offsetY };
  if (drag && scene) {
    const [dx, dy] = [spot.x - drag.x, spot.y - drag.y];
    if (!drag.moved && Math.hypot(dx, dy) < DRAG_PX) return;
    drag = { ...spot, moved: true };
    change({ camera: pan(scene.camera, dx, dy), hovered: undefined });
    return;
  }
  const hovered = under(spot);
  canvas.style.cursor = hovered === undefined ? "grab" : "pointer";
  if (hovered === scene?.hovered) return;
  change({ hovered });
  if (hovered !== undefined) look(hovered);
}

function released(event: PointerEvent): void {
  const clicked = drag && !drag.moved;
  drag = undefined;
  const point = clicked ? under({ x: event.offsetX, y: event.offsetY }) : undefined;
  if (point === undefined) return;
  change({ selected: point, kin: [] });
  say(point);
  look(point);
  vscode.postMessage({ type: "open", point, beside: event.ctrlKey || event.metaKey });
}

canvas.addEventListener("keydown", pressed);
canvas.addEventListener("focus", () => change({}));
canvas.addEventListener("blur", () => change({}));
canvas.addEventListener("pointermove", moved);
canvas.addEventListener("pointerdown", (event) => {
  drag = { x: event.offsetX, y: event.offsetY, moved: false };
  canvas.setPointerCapture(event.pointerId);
});
canvas.addEventListener("pointerup", released);
canvas.addEventListener("pointerleave", () => change({ hovered: undefined }));
canvas.addEventListener(
  "wheel",
  (event) => {
    event.preventDefault();
    zoomBy(Math.exp(-event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 0.05 : 0.002)), {
      x: event.offsetX,
      y: event.offsetY,
    });
  },
  { passive: false },
);
search.addEventListener("input", () => vscode.postMessage({ type: "search", query: search.value }));
search.addEventListener("keydown", (event) => {
  if (event.key === "Enter" || event.key === "ArrowDown") {
    const [first] = scene?.hits ?? [];
    canvas.focus();
    select(first);
    event.preventDefault();
  }
});
element("fit").addEventListener("click", fitAll);
new ResizeObserver(() => change({})).observe(canvas);
new MutationObserver(() => {
  theme = readTheme(document.body);
  legend();
  change({});
}).observe(document.body, { attributes: true, attributeFilter: ["class"] });

window.addEventListener("message", ({ data }: MessageEvent<ToPage>) => {
  switch (data.type) {
    case "map":
      takeMap(data.map);
      break;
    case "notice":
      notice.textContent = data.text;
      notice.hidden = false;
      break;
    case "look":
      lines = { point: data.point, text: data.lines };
      change(data.point === scene?.selected ? { kin: data.kin } : {});
      break;
    case "hits":
      element("note").textContent = data.note;
      change({ hits: new Set(data.points), searching: data.query !== "" });
      break;
  }
});
search.value = saved.query ?? "";
vscode.postMessage({ type: "ready" });
