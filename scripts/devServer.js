// @ts-check
import { createServer } from "node:http";
import esbuild from "esbuild";
import { bundlePlugins } from "./bundlePlugins.js";
import { BUNDLES as BUILT } from "./bundles.js";
import { devPage, framePage, notebookPage } from "./devPage.js";

/** What is built, by its address. @type {Record<string, string>} */
const BUNDLES = {
  "/panel.js": "webview/panel/main.ts",
  "/panel.css": "webview/panel/panel.css",
  "/fakeEditor.js": "webview/dev/fakeEditor.ts",
  "/compare.js": "webview/compare/main.ts",
  "/compare.css": "webview/compare/compare.css",
  "/fakeCompare.js": "webview/dev/fakeCompare.ts",
  "/grid.js": "webview/grid/main.ts",
  "/grid.css": "webview/grid/grid.css",
  "/fakeGrid.js": "webview/dev/fakeGrid.ts",
  "/renderer.js": "webview/renderer/main.ts",
  "/fakeNotebook.js": "webview/dev/fakeNotebook.ts",
  "/dev.js": "webview/dev/frame.ts",
  "/dev.css": "webview/dev/frame.css",
};

/**
 * Serves the panel on a plain page: `/` chooses, `/panel?run=NAME&theme=NAME&scene=NAME` is the page alone;
 * `/notebook?run=NAME&theme=NAME&outputs=NUMBER` is a notebook's page with that run in its outputs, without anybody to
 * talk to with `alone=1`.
 * `/compare?run=NAME&with=NAME&theme=NAME&scene=NAME` compares two of them; `/grid?theme=NAME&scene=NAME` has the
 * results of a prompt file with all of them.
 * @param {object} options
 * @param {string} options.root of the project
 * @param {ReadonlyMap<string, Uint8Array>} options.runs run files by name
 * @param {number} [options.port] any free one when absent
 * @param {boolean} [options.fresh] build scripts and styles anew at each call, not once
 * @returns {Promise<{ address: string, close: () => void }>}
 */
export async function serveDev({ root, runs, port = 0, fresh = false }) {
  /** @type {Map<string, Promise<string>>} */
  const built = new Map();
  const server = createServer((request, response) => {
    answer(new URL(request.url ?? "/", "http://localhost"), request.headers.host ?? "").then(
      ([type, body]) => response.writeHead(200, { "content-type": type }).end(body),
      (error) => response.writeHead(404, { "content-type": "text/plain" }).end(String(error)),
    );
  });

  /** @param {URL} url @param {string} host @returns {Promise<[type: string, body: string]>} */
  async function answer(url, host) {
    const entry = Object.entries(BUNDLES).find(([path]) => path === url.pathname)?.[1];
    if (entry !== undefined) {
      const content = (!fresh && built.get(entry)) || bundle(root, entry);
      built.set(entry, content);
      return [entry.endsWith(".css") ? "text/css" : "text/javascript", await content];
    }
    if (url.pathname === "/") return ["text/html", framePage([...runs.keys()])];
    return ["text/html", pageAt(url, host, runs)];
  }

  await new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve(undefined)));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return { address: `http://127.0.0.1:${address.port}`, close: () => server.close() };
}

/** @param {URL} url @param {string} host @param {ReadonlyMap<string, Uint8Array>} runs */
function pageAt(url, host, runs) {
  const value = (/** @type {string} */ name, /** @type {string} */ fallback) =>
    url.searchParams.get(name) || fallback;
  const recording = runs.get(value("run", "")) ?? [...runs.values()][0];
  if (recording === undefined) throw new Error("there is no run to show");
  const page = {
    origin: `http://${host}`,
    theme: value("theme", "dark"),
    scene: value("scene", "finished"),
    recording,
  };
  switch (url.pathname) {
    case "/panel":
      return devPage(page);
    case "/grid":
      return devPage({ ...page, pictures: [...runs.values()] });
    case "/compare":
      return devPage({ ...page, other: runs.get(value("with", "")) ?? recording });
    case "/notebook":
      return notebookPage({
        ...page,
        outputs: Number(value("outputs", "1")),
        alone: url.searchParams.has("alone"),
      });
    default:
      throw new Error(`nothing at ${url.pathname}`);
  }
}

/** @param {string} root @param {string} entry */
async function bundle(root, entry) {
  const built = BUILT.find((other) => other.entry === entry) ?? {};
  const result = await esbuild.build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: entry.startsWith("webview/renderer/") ? "esm" : "iife",
    plugins: bundlePlugins(root, built),
    target: "es2022",
    loader: { ".svg": "text" },
    logLevel: "silent",
  });
  return result.outputFiles[0]?.text ?? "";
}
