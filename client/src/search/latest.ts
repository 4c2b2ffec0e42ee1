/** Runs only the newest of many tasks: waits for a pause, cancels the one before, drops answers that came too late. */
export class Latest {
  private controller: AbortController | undefined;
  private timer: NodeJS.Timeout | undefined;

  /** Cancels what is waiting or running, then runs the task after `delayMs` without another call. */
  run(delayMs: number, task: (signal: AbortSignal) => Promise<void>): void {
    this.cancel();
    const controller = new AbortController();
    this.controller = controller;
    this.timer = setTimeout(() => {
      void task(controller.signal);
    }, delayMs);
  }

  cancel(): void {
    clearTimeout(this.timer);
    this.controller?.abort();
    this.controller = undefined;
  }
}
