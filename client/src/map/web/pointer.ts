/**
 * Pointer control of the map: hovering shows a point, a click opens it, a drag moves and the wheel
 * zooms.
 */
import { pan, toMap, type Spot } from "./canvas/camera";
import { canvas } from "./elements";
import { post } from "./host";
import { pick } from "./picking";
import { isVisible } from "./canvas/scene";
import type { Selection } from "./selection";
import type { Stage } from "./canvas/stage";

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
    if (drag) drag = dragTo(stage, drag, spotOf(event));
    else hover(stage, selection, spotOf(event));
  });
  canvas.addEventListener("pointerup", (event) => {
    const point = drag && !drag.moved ? pointAt(stage, spotOf(event)) : undefined;
    drag = undefined;
    if (point === undefined) return;
    selection.choose(point);
    post({ type: "open", point, beside: event.ctrlKey || event.metaKey });
  });
  canvas.addEventListener("pointerleave", () => stage.change({ hovered: undefined }));
  canvas.addEventListener("wheel", (event) => zoomAt(stage, event), { passive: false });
}

function dragTo(stage: Stage, from: Spot & { moved: boolean }, to: Spot): Spot & { moved: boolean } {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  if (stage.scene === undefined || (!from.moved && Math.hypot(dx, dy) < DRAG_PX)) return from;
  stage.change({ camera: pan(stage.scene.camera, dx, dy), hovered: undefined });
  return { ...to, moved: true };
}

function hover(stage: Stage, selection: Selection, spot: Spot): void {
  const hovered = pointAt(stage, spot);
  canvas.style.cursor = hovered === undefined ? "grab" : "pointer";
  if (hovered === stage.scene?.hovered) return;
  stage.change({ hovered });
  if (hovered !== undefined) selection.requestDetails(hovered);
}

function zoomAt(stage: Stage, event: WheelEvent): void {
  event.preventDefault();
  const step = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? ZOOM_PER_LINE : ZOOM_PER_PX;
  stage.zoomBy(Math.exp(-event.deltaY * step), spotOf(event));
}

function pointAt({ scene, size }: Stage, spot: Spot): number | undefined {
  if (scene === undefined) return undefined;
  const { map, camera } = scene;
  return pick(map.points, toMap(camera, spot, size), REACH_PX / camera.scale, (point) => isVisible(scene, point));
}
