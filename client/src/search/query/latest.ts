/**
 * Runs only the newest of many tasks: waits for a pause between calls and aborts the previous task.
 */
export class Latest {
  private controller: AbortController | undefined;
  private timer: NodeJS.Timeout | undefined;
  /** Runs the task that waits for a pause. */
  private begin: (() => void) | undefined;

  /** Cancels the pending or running task, then runs `task` after `delayMs` without another call. */
  run(delayMs: number, task: (signal: AbortSignal) => Promise<void>): void {
    this.cancel();
    const controller = new AbortController();
    this.controller = controller;
    this.begin = () => {
      this.begin = undefined;
      void task(controller.signal);
    };
    this.timer = setTimeout(() => this.begin?.(), delayMs);
  }

  /** Runs the task that waits for a pause now, if there is one. */
  flush(): void {
    clearTimeout(this.timer);
    this.begin?.();
  }

  cancel(): void {
    clearTimeout(this.timer);
    this.controller?.abort();
    this.controller = undefined;
    this.begin = undefined;
  }
}
