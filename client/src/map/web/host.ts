/** Messages to the extension, and the state that the editor keeps while the page is hidden. */
import type { ToExtension } from "../messages";
import type { Camera } from "./canvas/camera";

export interface Saved {
  camera: Camera;
  hidden: string[];
  query: string;
  /** The first line of the selected point. */
  selected: { uri: string; line: number } | undefined;
}

declare function acquireVsCodeApi(): {
  postMessage: (message: ToExtension) => void;
  getState: () => Saved | undefined;
  setState: (state: Saved) => void;
};

const api = acquireVsCodeApi();

export const saved: Partial<Saved> = api.getState() ?? {};

export function post(message: ToExtension): void {
  api.postMessage(message);
}

export function save(state: Saved): void {
  api.setState(state);
}
