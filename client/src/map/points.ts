/** The points of a map by location. */
import type { Result, SemanticMap } from "../protocol";

export class PointIndex {
  private readonly ofFile = new Map<string, number[]>();

  constructor(private readonly map: SemanticMap) {
    map.points.file.forEach((file, point) => {
      const uri = map.files[file]?.uri ?? "";
      const points = this.ofFile.get(uri);
      if (points) points.push(point);
      else this.ofFile.set(uri, [point]);
    });
  }

  /** Returns the point whose lines contain this 0-based line, or undefined if there is none. */
  at(uri: string, line: number): number | undefined {
    const { startLine, endLine } = this.map.points;
    return this.ofFile.get(uri)?.find((point) => (startLine[point] ?? 0) <= line && line < (endLine[point] ?? 0));
  }

  /** Returns all points of a file. */
  in(uri: string): readonly number[] {
    return this.ofFile.get(uri) ?? [];
  }

  /**
   * Returns the points of results in the same order without repetitions. Results that the map does
   * not show are skipped.
   */
  of(results: readonly Result[]): number[] {
    const found = results.map(({ uri, range }) => this.at(uri, range.start.line));
    return [...new Set(found.filter((point) => point !== undefined))];
  }
}
