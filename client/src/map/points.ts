/** Finding the point that stands for a place in a file. */
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

  /** The point whose lines hold this line (0-based); undefined where the map shows none. */
  at(uri: string, line: number): number | undefined {
    const { startLine, endLine } = this.map.points;
    return this.ofFile.get(uri)?.find((point) => (startLine[point] ?? 0) <= line && line < (endLine[point] ?? 0));
  }

  /** The points of results, in their order, each once; results that the map does not show are left out. */
  of(results: readonly Result[]): number[] {
    const found = results.map(({ uri, range }) => this.at(uri, range.start.line));
    return [...new Set(found.filter((point) => point !== undefined))];
  }
}
