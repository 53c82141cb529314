import { DexarError } from "../../src/core/errors.js";
import { unpackArrays } from "../../src/core/run/packArrays.js";
import type { ReportData } from "../../src/core/run/reportData.js";
import type { PanelHost } from "./panelHost.js";

/** A plain page that carries one run (`dexar explain --html`, HTML export): it can be looked at, nothing is run. */
export function pageHost(page: Document): PanelHost {
  const text = page.getElementById("run")?.textContent;
  if (!text) throw new Error("the page has no run inside");
  return {
    can: { run: false, exports: ["png", "svg"] },
    recorded: unpackArrays(text) as ReportData,
    send: () => undefined,
    request: (method) =>
      Promise.reject(
        new DexarError(
          "needs-editor",
          `A page on its own cannot do this (${method}).`,
          "Open the run in the editor.",
        ),
      ),
    listen: () => undefined,
    loadState: () => null,
    saveState: () => undefined,
  };
}
