/** The server as the rest of the extension sees it: a state, requests, a restart. Crashes are survived, loops are not. */
import { performance } from "node:perf_hooks";
import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import type { Status } from "../protocol";
import { STATUS_CHANGED, statusRequest, type Request } from "../requests";
import { setting } from "../settings";
import { CrashLimit } from "./crashLimit";
import { locate } from "./locate";
import type { Launch } from "./probe";
import { RestartQueue } from "./restartQueue";
import { ServerUnavailable, whyUnavailable, type ServerState } from "./state";

/** The language client takes longest to load, and nobody waits for it: it is loaded after activation. */
const library = () => import("./languageClient");

export class Server implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<ServerState>();
  private readonly queue = new RestartQueue(() => this.startAgain());
  private readonly crashes = new CrashLimit();
  private client: LanguageClient | undefined;
  private current: ServerState = { kind: "idle" };
  readonly onState = this.changed.event;

  /** `storage` is a folder of the extension's own: no program runs in the workspace's. */
  constructor(
    readonly storage: string,
    readonly log: vscode.LogOutputChannel,
  ) {}

  get state(): ServerState {
    return this.current;
  }

  /** Starts, or starts again, at a person's wish. */
  restart(): Promise<void> {
    this.crashes.forget();
    return this.queue.request();
  }

  /** Rejects with ServerUnavailable, or with what the server answered. */
  async request<P, R>(request: Request<P, R>, params: P, signal?: AbortSignal): Promise<R> {
    const client = this.client;
    if (client === undefined || this.current.kind !== "running")
      throw new ServerUnavailable(whyUnavailable(this.current));
    const source = new vscode.CancellationTokenSource();
    const cancel = (): void => {
      source.cancel();
    };
    signal?.addEventListener("abort", cancel, { once: true });
    try {
      return await client.sendRequest<R>(request.method, params, source.token);
    } finally {
      signal?.removeEventListener("abort", cancel);
      source.dispose();
    }
  }

  /** Sends the settings that the server takes while it runs. */
  async configure(): Promise<void> {
    if (this.client && this.current.kind === "running") await (await library()).sendSettings(this.client);
  }

  async applyTrace(): Promise<void> {
    if (this.client) await (await library()).applyTrace(this.client);
  }

  async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    if (client === undefined) return;
    try {
      await client.dispose();
    } catch (error) {
      this.log.warn(`The server did not stop in order: ${String(error)}`);
    }
  }

  dispose(): void {
    this.changed.dispose();
  }

  /** Never rejects: what went wrong is the state. */
  private async startAgain(): Promise<void> {
    await this.stop();
    try {
      const launch = await this.find();
      if (launch !== undefined) await this.begin(launch);
    } catch (error) {
      this.fail(`The server could not be started: ${String(error)}`);
    }
  }

  /** What to start; undefined, with the state that says why, where there is nothing to start. */
  private async find(): Promise<Launch | undefined> {
    if (!setting("enabled")) {
      this.become({ kind: "off" });
    } else if (!vscode.workspace.workspaceFolders?.some(({ uri }) => uri.scheme === "file")) {
      this.become({ kind: "idle" });
    } else {
      this.become({ kind: "starting" });
      await vscode.workspace.fs.createDirectory(vscode.Uri.file(this.storage));
      const { verdict, tried } = await locate(this.storage);
      for (const text of tried) this.log.info(`Looked at: ${text}`);
      if (verdict.launch === undefined) this.become({ kind: "missing", reason: verdict.text });
      return verdict.launch;
    }
    return undefined;
  }

  private async begin(launch: Launch): Promise<void> {
    const client = (await library()).makeClient(launch, this.log, () => this.ended(client));
    this.client = client;
    client.onNotification(STATUS_CHANGED, (status: Status) => {
      if (client === this.client) this.become({ kind: "running", status });
    });
    try {
      await client.start();
      await this.applyTrace();
      const status = await client.sendRequest<Status>(statusRequest.method, {});
      if (client === this.client) this.become({ kind: "running", status });
    } catch (error) {
      // When the process has ended, `ended` was told and has decided already.
      if (client === this.client) throw error;
    }
  }

  private ended(client: LanguageClient): void {
    if (client !== this.client) return;
    this.client = undefined;
    if (!this.crashes.allows(performance.now())) {
      this.fail("The server ended unexpectedly several times in a row and is not started again: see the log.");
      return;
    }
    this.log.warn("The server ended unexpectedly and is started again.");
    this.become({ kind: "starting" });
    void this.queue.request();
  }

  private fail(reason: string): void {
    this.log.error(reason);
    this.become({ kind: "stopped", reason });
  }

  private become(state: ServerState): void {
    this.current = state;
    this.changed.fire(state);
  }
}
