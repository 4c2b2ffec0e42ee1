/**
 * Runs one restart at a time. Requests during a restart share one more restart, which is queued.
 */
export class RestartQueue {
  private running: Promise<void> | undefined;
  private queued: Promise<void> | undefined;

  constructor(private readonly restart: () => Promise<void>) {}

  /** Resolves when a restart that began after this call ends. Rejects if that restart fails. */
  request(): Promise<void> {
    if (this.running === undefined) return this.begin();
    this.queued ??= this.running.then(
      () => this.beginQueued(),
      () => this.beginQueued(),
    );
    return this.queued;
  }

  private beginQueued(): Promise<void> {
    this.queued = undefined;
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
