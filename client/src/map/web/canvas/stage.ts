/** The scene on the canvas. All changes within a frame are drawn at once. */
import { fit, toScreen, zoom, type Camera, type Size, type Spot } from "./camera";
import { placeCard, showCard } from "../card";
import { draw, regionsOn } from "./draw";
import { canvas, card, search } from "../elements";
import { save } from "../host";
import { showLegend } from "../legend";
import { anchorOf, isVisible, placeOf, positionOf, type Scene } from "./scene";
import { readTheme } from "./theme";

export class Stage {
  private readonly context = contextOf(canvas);
  private theme = readTheme(document.body);
  private overview: Camera = { x: 0, y: 0, scale: 1 };
  private drawScheduled = false;
  private lines: { point: number; text: string } | undefined;
  /** Undefined until a map is available. */
  scene: Scene | undefined;

  get size(): Size {
    return { width: canvas.clientWidth, height: canvas.clientHeight };
  }

  /** Replaces the scene. Without a camera, all points are shown. */
  set(scene: Omit<Scene, "camera"> & { camera: Camera | undefined }): void {
    this.measure(scene.map.points);
    this.scene = { ...scene, camera: scene.camera ?? this.overview };
    this.change({});
    this.legend();
  }

  change(part: Partial<Scene>): void {
    if (this.scene === undefined) return;
    this.scene = { ...this.scene, ...part };
    if (this.drawScheduled) return;
    this.drawScheduled = true;
    requestAnimationFrame(() => {
      this.drawScheduled = false;
      this.draw();
    });
  }

  /** Sets the first lines of a point. */
  setLines(point: number, text: string): void {
    this.lines = { point, text };
    this.change({});
  }

  themeChanged(): void {
    this.theme = readTheme(document.body);
    this.legend();
    this.change({});
  }

  spotOf(point: number): Spot | undefined {
    return this.scene && toScreen(this.scene.camera, positionOf(this.scene.map, point), this.size);
  }

  isOn({ x, y }: Spot): boolean {
    const { width, height } = this.size;
    return x >= 0 && y >= 0 && x <= width && y <= height;
  }

  zoomBy(factor: number, spot: Spot): void {
    if (this.scene) this.change({ camera: zoom(this.scene.camera, factor, spot, this.size, this.overview) });
  }

  fitAll(): void {
    if (this.scene === undefined) return;
    this.measure(this.scene.map.points);
    this.change({ camera: this.overview });
  }

  private measure({ x, y }: { x: readonly number[]; y: readonly number[] }): void {
    this.overview = fit(x, y, this.size);
  }

  private legend(): void {
    if (this.scene === undefined) return;
    const { map, hidden } = this.scene;
    showLegend(map, hidden, this.theme, (group) => {
      const next = new Set(this.scene?.hidden);
      if (!next.delete(group)) next.add(group);
      this.change({ hidden: next });
      this.legend();
    });
  }

  private draw(): void {
    const { scene, context } = this;
    if (scene === undefined) return;
    const size = this.size;
    const ratio = window.devicePixelRatio;
    const [wide, high] = [Math.round(size.width * ratio), Math.round(size.height * ratio)];
    if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high];
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    draw(context, scene, size, this.theme);
    this.showFocus(scene);
    this.exposeToTests(scene);
    this.save(scene);
  }

  /**
   * Shows the card of the point under the pointer, or of the selected point while the map has the
   * focus.
   */
  private showFocus(scene: Scene): void {
    const chosen = document.activeElement === canvas && document.hasFocus() ? scene.selected : undefined;
    const point = scene.hovered ?? chosen;
    const spot = point === undefined || !isVisible(scene, point) ? undefined : this.spotOf(point);
    if (point === undefined || spot === undefined || !this.isOn(spot)) {
      card.hidden = true;
      return;
    }
    showCard(scene.map, point, this.lines?.point === point ? this.lines.text : "");
    placeCard(spot, this.size);
  }

  /** Exposes the state to end-to-end tests, because a canvas has no elements. */
  private exposeToTests(scene: Scene): void {
    const { map, hits, selected } = scene;
    const spot = selected === undefined ? undefined : this.spotOf(selected);
    canvas.dataset["shown"] = String(map.shown);
    canvas.dataset["regions"] = regionsOn(scene, this.size)
      .map(({ name }) => name)
      .join("; ");
    canvas.dataset["hits"] = String(hits.size);
    canvas.dataset["selected"] = selected === undefined ? "" : placeOf(map, selected);
    canvas.dataset["selectedAt"] = spot ? `${String(Math.round(spot.x))},${String(Math.round(spot.y))}` : "";
  }

  /** Saves the state of the view, which a hidden page loses. */
  private save(scene: Scene): void {
    const { camera, hidden } = scene;
    save({ camera, hidden: [...hidden], query: search.value, selected: anchorOf(scene) });
  }
}

function contextOf(element: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = element.getContext("2d");
  if (context === null) throw new Error("no 2D context");
  return context;
}
