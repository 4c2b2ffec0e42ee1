/** Tells a crash now and then from a crash loop: more than `most` crashes within `windowMs` are a loop. */
export class CrashLimit {
  private times: number[] = [];

  constructor(
    private readonly most = 3,
    private readonly windowMs = 180_000,
  ) {}

  /** Whether the server may be started again after a crash at this moment (milliseconds of any clock that rises). */
  allows(nowMs: number): boolean {
    this.times = this.times.filter((time) => nowMs - time < this.windowMs);
    this.times.push(nowMs);
    return this.times.length <= this.most;
  }

  /** A person asked for a start: earlier crashes no longer count. */
  forget(): void {
    this.times = [];
  }
}
