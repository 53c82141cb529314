import type { FromGrid, GridViewState, ToGrid } from "../../src/protocol/grid.js";
import { GridApp } from "./gridApp.js";

declare const acquireVsCodeApi: () => {
  postMessage(message: FromGrid): void;
  setState(state: GridViewState): void;
};

const api = acquireVsCodeApi();
new GridApp(
  {
    send: (message) => api.postMessage(message),
    listen: (listener) =>
      window.addEventListener("message", (event: MessageEvent<unknown>) => {
        if (event.origin === window.origin && isMessage(event.data)) listener(event.data);
      }),
    keep: (key) => api.setState({ version: 1, key }),
  },
  document.body,
);

function isMessage(data: unknown): data is ToGrid {
  return typeof data === "object" && data !== null && "kind" in data && typeof data.kind === "string";
}
