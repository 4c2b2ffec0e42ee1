/**
 * Runs only the newest of many tasks: waits for a pause between calls and aborts the previous task.
 */
export class Latest {
  private controller: AbortController | undefined;
  private timer: NodeJS.Timeout | undefined;

  /** Cancels the pending or running task, then runs `task` after `delayMs` without another call. */
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
