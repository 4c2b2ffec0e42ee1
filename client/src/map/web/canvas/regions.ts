/**
 * Names for the regions of the map: the words that the names of a region share and that are rare
 * elsewhere, or the folder of its files. Regions are the cells of a grid whose step follows the zoom,
 * so that names appear for smaller regions as the user zooms in, and do not move while the map does.
 */
import type { SemanticMap } from "../../../protocol";
import { visible } from "../../../visible";
import type { Spot } from "./camera";
import { isVisible } from "./scene";

export interface Region {
  name: string;
  /** The middle of its points on the map. */
  place: Spot;
  /** Number of points in the region. */
  count: number;
}

/** Width of a region on the screen, in pixels. */
const REGION_PX = 220;
const MIN_POINTS = 4;
/** Share of the points of a region that have a word or a folder of its name. */
const [WORD_SHARE, FOLDER_SHARE] = [0.3, 0.6];
/** How many times more frequent a word has to be in a region than on the whole map. */
const MIN_LIFT = 2;
const MAX_WORDS = 2;
const MIN_LETTERS = 3;

/** Returns the step of the grid for a scale: a power of two in units of the map. */
export function stepOf(scale: number): number {
  return 2 ** Math.round(Math.log2(REGION_PX / scale));
}

/** Returns the words of a name such as `parseQuery` or `rate_limit`. */
export function wordsOf(name: string): string[] {
  const words = name
    .replace(/(\p{Ll})(\p{Lu})/gu, "$1 $2")
    .toLowerCase()
    .match(/\p{L}+/gu);
  return [...new Set(words)].filter(({ length }) => length >= MIN_LETTERS);
}

/** Finds the names of regions of one map. */
export class Regions {
  private readonly words: readonly (readonly string[])[];
  private readonly frequency: ReadonlyMap<string, number>;
  /** The folders of each point, with those around them. */
  private readonly folders: readonly (readonly string[])[];
  private readonly sizes: ReadonlyMap<string, number>;
  private readonly found = new Map<string, readonly Region[]>();

  constructor(private readonly map: SemanticMap) {
    const { symbol, file } = map.points;
    this.words = file.map((at, point) => wordsOf(symbol[point] || stemOf(map.files[at]?.path ?? "")));
    this.frequency = counted(this.words);
    this.folders = file.map((at) => foldersOf(map.files[at]?.path ?? ""));
    this.sizes = counted(this.folders);
  }

  /**
   * Returns the regions of a grid, the largest first, without the points of hidden folders. Of regions
   * with the same name, the largest is returned.
   */
  at(step: number, hidden: ReadonlySet<string>): readonly Region[] {
    const key = JSON.stringify([step, ...hidden]);
    const known = this.found.get(key) ?? this.find(step, hidden);
    this.found.set(key, known);
    return known;
  }

  private find(step: number, hidden: ReadonlySet<string>): readonly Region[] {
    const { x, y } = this.map.points;
    const cells = new Map<string, number[]>();
    for (let point = 0; point < x.length; point += 1) {
      if (!isVisible({ map: this.map, hidden }, point)) continue;
      const cell = `${String(Math.floor((x[point] ?? 0) / step))} ${String(Math.floor((y[point] ?? 0) / step))}`;
      const points = cells.get(cell);
      if (points) points.push(point);
      else cells.set(cell, [point]);
    }
    const regions = [...cells.values()].filter(({ length }) => length >= MIN_POINTS).map((cell) => this.region(cell));
    const largest = new Map<string, Region>();
    for (const region of regions.sort((one, other) => other.count - one.count))
      if (region.name !== "" && !largest.has(region.name)) largest.set(region.name, region);
    return [...largest.values()];
  }

  private region(points: readonly number[]): Region {
    const { x, y } = this.map.points;
    const name = this.commonWords(points) || this.commonFolder(points);
    return { name, place: { x: middle(points, x), y: middle(points, y) }, count: points.length };
  }

  /** Returns the rarest words that many of these points have. */
  private commonWords(points: readonly number[]): string {
    const total = this.words.length;
    const scored = [...counted(points.map((point) => this.words[point] ?? []))].map(([word, count]) => {
      const share = count / points.length;
      const elsewhere = (this.frequency.get(word) ?? 1) / total;
      return { word, share, lift: share / elsewhere, score: share * Math.log(1 / elsewhere) };
    });
    return scored
      .filter(({ share, lift }) => share >= WORD_SHARE && lift >= MIN_LIFT)
      .sort((one, other) => other.score - one.score)
      .slice(0, MAX_WORDS)
      .map(({ word }) => word)
      .join(", ");
  }

  /** Returns the innermost folder of most of these points, unless it is that of much of the map. */
  private commonFolder(points: readonly number[]): string {
    const total = this.folders.length;
    const [folder = ""] = [...counted(points.map((point) => this.folders[point] ?? []))]
      .filter(([name, count]) => {
        const share = count / points.length;
        return share >= FOLDER_SHARE && share / ((this.sizes.get(name) ?? 1) / total) >= MIN_LIFT;
      })
      .map(([name]) => name)
      .sort((one, other) => other.length - one.length);
    return folder === "" ? "" : `${visible(folder)}/`;
  }
}

/** Returns the folders that contain a file, the outermost first. */
function foldersOf(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}

const stemOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1).replace(/\.\w+$/, "");

/** Returns in how many of the lists each word is. */
function counted(lists: readonly (readonly string[])[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const list of lists) for (const word of list) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

/** Returns the median, which stays within a region that has points far from the others. */
function middle(points: readonly number[], axis: readonly number[]): number {
  const sorted = points.map((point) => axis[point] ?? 0).sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
