/** The scene on the canvas: whoever changes it, it is drawn once for all changes of a frame. */
import { fit, toScreen, zoom, type Camera, type Size, type Spot } from "./camera";
import { placeCard, showCard } from "./card";
import { draw } from "./draw";
import { canvas, card, search } from "./elements";
import { save } from "./host";
import { showLegend } from "./legend";
import { anchorOf, isVisible, placeOf, whereIs, type Scene } from "./scene";
import { readTheme } from "./theme";

export class Stage {
  private readonly context = contextOf(canvas);
  private theme = readTheme(document.body);
  private whole: Camera = { x: 0, y: 0, scale: 1 };
  private waiting = false;
  private lines: { point: number; text: string } | undefined;
  /** Undefined until there is a map. */
  scene: Scene | undefined;

  get size(): Size {
    return { width: canvas.clientWidth, height: canvas.clientHeight };
  }

  /** Takes the place of all that was shown. */
  set(scene: Omit<Scene, "camera"> & { camera: Camera | undefined }): void {
    this.measure(scene.map.points);
    this.scene = { ...scene, camera: scene.camera ?? this.whole };
    this.change({});
    this.legend();
  }

  change(part: Partial<Scene>): void {
    if (this.scene === undefined) return;
    this.scene = { ...this.scene, ...part };
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.draw();
    });
  }

  /** The first lines of a point have come. */
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
    return this.scene && toScreen(this.scene.camera, whereIs(this.scene.map, point), this.size);
  }

  isOn({ x, y }: Spot): boolean {
    const { width, height } = this.size;
    return x >= 0 && y >= 0 && x <= width && y <= height;
  }

  zoomBy(factor: number, spot: Spot): void {
    if (this.scene) this.change({ camera: zoom(this.scene.camera, factor, spot, this.size, this.whole) });
  }

  fitAll(): void {
    if (this.scene === undefined) return;
    this.measure(this.scene.map.points);
    this.change({ camera: this.whole });
  }

  private measure({ x, y }: { x: readonly number[]; y: readonly number[] }): void {
    this.whole = fit(x, y, this.size);
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
    this.tellTests(scene);
    this.save(scene);
  }

  /** The card belongs to what the pointer is on, else to what the keys have chosen while they are the map's. */
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

  /** What an end-to-end test can go by: a canvas has no elements. */
  private tellTests({ map, hits, selected }: Scene): void {
    const spot = selected === undefined ? undefined : this.spotOf(selected);
    canvas.dataset["shown"] = String(map.shown);
    canvas.dataset["hits"] = String(hits.size);
    canvas.dataset["selected"] = selected === undefined ? "" : placeOf(map, selected);
    canvas.dataset["selectedAt"] = spot ? `${String(Math.round(spot.x))},${String(Math.round(spot.y))}` : "";
  }

  /** For the time when the page is out of sight. */
  private save(scene: Scene): void {
    const { camera, hidden } = scene;
    save({ camera, hidden: [...hidden], query: search.value, selected: anchorOf(scene) });
  }
}

function contextOf(element: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = element.getContext("2d");
  if (context === null) throw new Error("no canvas");
  return context;
}
