/** The extension on the other side, and what the editor keeps for a page while it is out of sight. */
import type { ToExtension } from "../messages";
import type { Camera } from "./camera";

export interface Saved {
  camera: Camera;
  hidden: string[];
  query: string;
  /** A line of the point that is selected. */
  selected: { uri: string; line: number } | undefined;
}

declare function acquireVsCodeApi(): {
  postMessage: (message: ToExtension) => void;
  getState: () => Saved | undefined;
  setState: (state: Saved) => void;
};

const api = acquireVsCodeApi();

export const saved: Partial<Saved> = api.getState() ?? {};

export function tell(message: ToExtension): void {
  api.postMessage(message);
}

export function save(state: Saved): void {
  api.setState(state);
}
