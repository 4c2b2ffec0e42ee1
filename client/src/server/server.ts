/**
 * The server: its state, requests to it and its restarts. It is restarted after a crash, but not in
 * a crash loop.
 */
import { performance } from "node:perf_hooks";
import * as l10n from "@vscode/l10n";
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

/** Loads the language client. It takes longest to load, so it is loaded after activation. */
const library = () => import("./languageClient");

export class Server implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<ServerState>();
  private readonly queue = new RestartQueue(() => this.restartNow());
  private readonly crashes = new CrashLimit();
  private client: LanguageClient | undefined;
  private current: ServerState = { kind: "idle" };
  readonly onState = this.changed.event;
  /** The command that started the server last. */
  launch: Launch | undefined;

  /**
   * `folder` is that of the extension. Programs run there and not in the workspace. `storage` is the
   * folder of the private environment, which may not exist.
   */
  constructor(
    readonly folder: string,
    readonly storage: string,
    readonly log: vscode.LogOutputChannel,
  ) {}

  get state(): ServerState {
    return this.current;
  }

  /** Starts or restarts the server at the user's request. */
  restart(): Promise<void> {
    this.crashes.reset();
    return this.queue.request();
  }

  /** Sends a request. Rejects with ServerUnavailable or with the error of the server. */
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

  /** Sends the settings to the running server. */
  async configure(): Promise<void> {
    if (this.client && this.current.kind === "running") await (await library()).sendSettings(this.client);
  }

  async applyTrace(): Promise<void> {
    if (this.client) await (await library()).applyTrace(this.client);
  }

  /** Stops the server for an installation, which ends with `restart`. */
  async stopToInstall(): Promise<void> {
    this.setState({ kind: "installing" });
    await this.stop();
  }

  async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    if (client === undefined) return;
    try {
      await client.dispose();
    } catch (error) {
      this.log.warn(`The server did not stop properly: ${String(error)}`);
    }
  }

  dispose(): void {
    this.changed.dispose();
  }

  /** Restarts the server. Never rejects, because a failure becomes the state. */
  private async restartNow(): Promise<void> {
    await this.stop();
    try {
      this.launch = await this.find();
      if (this.launch !== undefined) await this.begin(this.launch);
    } catch (error) {
      this.fail(l10n.t("Could not start the server: {0}", String(error)));
    }
  }

  /**
   * Returns the command to start, or undefined after setting the state that says why there is none.
   */
  private async find(): Promise<Launch | undefined> {
    if (!setting("enabled")) {
      this.setState({ kind: "off" });
    } else if (!vscode.workspace.workspaceFolders?.some(({ uri }) => uri.scheme === "file")) {
      this.setState({ kind: "idle" });
    } else {
      this.setState({ kind: "starting" });
      const { verdict, tried } = await locate(this.folder, this.storage);
      for (const text of tried) this.log.info(`Checked: ${text}`);
      if (verdict.launch === undefined) this.setState({ kind: "missing", reason: verdict.text });
      return verdict.launch;
    }
    return undefined;
  }

  private async begin(launch: Launch): Promise<void> {
    const client = (await library()).makeClient(launch, this.log, () => this.ended(client));
    this.client = client;
    client.onNotification(STATUS_CHANGED, (status: Status) => {
      if (client === this.client) this.setState({ kind: "running", status });
    });
    try {
      await client.start();
      await this.applyTrace();
      const status = await client.sendRequest<Status>(statusRequest.method, {});
      if (client === this.client) this.setState({ kind: "running", status });
    } catch (error) {
      // If the process has ended, `ended` has already handled it.
      if (client === this.client) throw error;
    }
  }

  private ended(client: LanguageClient): void {
    if (client !== this.client) return;
    this.client = undefined;
    if (!this.crashes.allows(performance.now())) {
      this.fail(
        l10n.t(
          "The server stopped unexpectedly several times in a row and was not restarted. Check the log, then restart the server.",
        ),
      );
      return;
    }
    this.log.warn("The server stopped unexpectedly and is being restarted.");
    this.setState({ kind: "starting" });
    void this.queue.request();
  }

  private fail(reason: string): void {
    this.log.error(reason);
    this.setState({ kind: "stopped", reason });
  }

  private setState(state: ServerState): void {
    this.current = state;
    this.changed.fire(state);
  }
}
