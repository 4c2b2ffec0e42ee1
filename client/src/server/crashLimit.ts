/** Detects crash loops: more than `maxCrashes` crashes within `windowMs`. */
export class CrashLimit {
  private times: number[] = [];

  constructor(
    private readonly maxCrashes = 3,
    private readonly windowMs = 180_000,
  ) {}

  /**
   * Records a crash and returns whether to restart the server. `nowMs` is the time of a monotonic
   * clock.
   */
  allows(nowMs: number): boolean {
    this.times = this.times.filter((time) => nowMs - time < this.windowMs);
    this.times.push(nowMs);
    return this.times.length <= this.maxCrashes;
  }

  /** Ignores earlier crashes, because the user has started the server. */
  reset(): void {
    this.times = [];
  }
}
