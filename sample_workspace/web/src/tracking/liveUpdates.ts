type Listener = (message: unknown) => void;

/** A web socket that comes back by itself after the train leaves the tunnel. */
export class LiveUpdates {
  private socket?: WebSocket;
  private closed = false;
  private failures = 0;

  constructor(
    private readonly url: string,
    private readonly listener: Listener,
  ) {}

  open(): void {
    this.socket = new WebSocket(this.url);
    this.socket.onopen = () => (this.failures = 0);
    this.socket.onmessage = (event) => this.listener(JSON.parse(String(event.data)));
    this.socket.onclose = () => this.reconnectLater();
  }

  close(): void {
    this.closed = true;
    this.socket?.close();
  }

  private reconnectLater(): void {
    if (this.closed) return;
    this.failures += 1;
    setTimeout(() => this.open(), Math.min(30_000, 500 * 2 ** this.failures));
  }
}
