// @ts-check
import { createServer } from "node:http";
import esbuild from "esbuild";
import { devPage, framePage } from "./devPage.js";

/** What is built, by its address. @type {Record<string, string>} */
const BUNDLES = {
  "/panel.js": "webview/panel/main.ts",
  "/panel.css": "webview/panel/panel.css",
  "/fakeEditor.js": "webview/dev/fakeEditor.ts",
  "/dev.js": "webview/dev/frame.ts",
  "/dev.css": "webview/dev/frame.css",
};

/**
 * Serves the panel on a plain page: `/` chooses, `/panel?run=NAME&theme=NAME&scene=NAME` is the page alone.
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
    const value = (/** @type {string} */ name) => url.searchParams.get(name) ?? "";
    const recording = runs.get(value("run")) ?? [...runs.values()][0];
    if (url.pathname !== "/panel" || recording === undefined) throw new Error(`nothing at ${url.pathname}`);
    const page = {
      origin: `http://${host}`,
      theme: value("theme") || "dark",
      scene: value("scene") || "finished",
      recording,
    };
    return ["text/html", devPage(page)];
  }

  await new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve(undefined)));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return { address: `http://127.0.0.1:${address.port}`, close: () => server.close() };
}

/** @param {string} root @param {string} entry */
async function bundle(root, entry) {
  const result = await esbuild.build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "iife",
    target: "es2022",
    loader: { ".svg": "text" },
    logLevel: "silent",
  });
  return result.outputFiles[0]?.text ?? "";
}
