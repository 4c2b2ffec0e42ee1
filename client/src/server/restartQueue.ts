/** Runs one restart at a time, with at most one more waiting: what is asked for meanwhile is the same restart. */
export class RestartQueue {
  private running: Promise<void> | undefined;
  private waiting: Promise<void> | undefined;

  constructor(private readonly restart: () => Promise<void>) {}

  /** Resolves when a restart that began after this call has ended; rejects if that restart failed. */
  request(): Promise<void> {
    if (this.running === undefined) return this.begin();
    this.waiting ??= this.running.then(
      () => this.next(),
      () => this.next(),
    );
    return this.waiting;
  }

  private next(): Promise<void> {
    this.waiting = undefined;
    return this.begin();
  }

  private begin(): Promise<void> {
    const done = this.restart().finally(() => {
      this.running = undefined;
    });
    this.running = done;
    return done;
  }
}
