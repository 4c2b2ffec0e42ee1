/** The map by pointer: what it rests on is shown, a click opens, a drag moves, the wheel zooms. */
import { pan, toMap, type Spot } from "./camera";
import { canvas } from "./elements";
import { tell } from "./host";
import { pick } from "./picking";
import { isVisible } from "./scene";
import type { Selection } from "./selection";
import type { Stage } from "./stage";

const REACH_PX = 12;
const DRAG_PX = 4;
const ZOOM_PER_PX = 0.002;
const ZOOM_PER_LINE = 0.05;

const spotOf = (event: MouseEvent): Spot => ({ x: event.offsetX, y: event.offsetY });

export function listenToPointer(stage: Stage, selection: Selection): void {
  let drag: (Spot & { moved: boolean }) | undefined;
  canvas.addEventListener("pointerdown", (event) => {
    drag = { ...spotOf(event), moved: false };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (drag) drag = dragged(stage, drag, spotOf(event));
    else rested(stage, selection, spotOf(event));
  });
  canvas.addEventListener("pointerup", (event) => {
    const point = drag && !drag.moved ? under(stage, spotOf(event)) : undefined;
    drag = undefined;
    if (point === undefined) return;
    selection.choose(point);
    tell({ type: "open", point, beside: event.ctrlKey || event.metaKey });
  });
  canvas.addEventListener("pointerleave", () => stage.change({ hovered: undefined }));
  canvas.addEventListener("wheel", (event) => zoomed(stage, event), { passive: false });
}

function dragged(stage: Stage, from: Spot & { moved: boolean }, to: Spot): Spot & { moved: boolean } {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  if (stage.scene === undefined || (!from.moved && Math.hypot(dx, dy) < DRAG_PX)) return from;
  stage.change({ camera: pan(stage.scene.camera, dx, dy), hovered: undefined });
  return { ...to, moved: true };
}

function rested(stage: Stage, selection: Selection, spot: Spot): void {
  const hovered = under(stage, spot);
  canvas.style.cursor = hovered === undefined ? "grab" : "pointer";
  if (hovered === stage.scene?.hovered) return;
  stage.change({ hovered });
  if (hovered !== undefined) selection.look(hovered);
}

function zoomed(stage: Stage, event: WheelEvent): void {
  event.preventDefault();
  const step = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? ZOOM_PER_LINE : ZOOM_PER_PX;
  stage.zoomBy(Math.exp(-event.deltaY * step), spotOf(event));
}

function under({ scene, size }: Stage, spot: Spot): number | undefined {
  if (scene === undefined) return undefined;
  const { map, camera } = scene;
  return pick(map.points, toMap(camera, spot, size), REACH_PX / camera.scale, (point) => isVisible(scene, point));
}
