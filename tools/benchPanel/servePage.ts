import { createServer } from "node:http";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { buildBundle } from "../../scripts/build.js";
import { BUNDLES } from "../../scripts/bundles.js";
import { THEMES } from "../../scripts/devPage.js";

/** A server of the panel's page as it is shipped, around it the benchmark's host and probe. */
export interface PageServer {
  readonly address: string;
  /** Bytes of the bundled script. */
  readonly scriptSize: number;
  close(): void;
}

/** Builds and serves the page with this run. */
export async function servePage(files: { file: Uint8Array; picture: Uint8Array }): Promise<PageServer> {
  const script = await shipped("dist/panel.js");
  const contents = new Map<string, readonly [type: string, body: string | Uint8Array]>([
    ["/", ["text/html", page()]],
    ["/probe.js", ["text/javascript", await bundled("probe.ts")]],
    ["/host.js", ["text/javascript", await bundled("host.ts")]],
    ["/panel.js", ["text/javascript", script]],
    ["/panel.css", ["text/css", await shipped("dist/panel.css")]],
    ["/run.dexar", ["application/octet-stream", files.file]],
    ["/picture.jpg", ["image/jpeg", files.picture]],
  ]);
  // With these the page may ask the browser how much memory it takes.
  const isolated = {
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
  };
  const server = createServer((request, response) => {
    const found = contents.get(request.url ?? "");
    if (!found) return void response.writeHead(404).end();
    response.writeHead(200, { ...isolated, "content-type": found[0] }).end(found[1]);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    address: `http://127.0.0.1:${address.port}`,
    scriptSize: script.length,
    close: () => void server.close(),
  };
}

/** A file of dist/, built the same way but elsewhere. */
async function shipped(out: string): Promise<Uint8Array> {
  const bundle = BUNDLES.find((each) => each.out === out);
  if (!bundle) throw new Error(`nothing is built as ${out}`);
  const folder = await mkdtemp(join(tmpdir(), "dexar-bench-"));
  try {
    const file = join(folder, out);
    await buildBundle(bundle, file);
    return await readFile(file);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function bundled(name: string): Promise<string> {
  const entryPoints = [join(import.meta.dirname, name)];
  const result = await build({ entryPoints, bundle: true, write: false, format: "iife", target: "es2022" });
  return result.outputFiles[0]?.text ?? "";
}

function page(): string {
  const theme = THEMES["dark"];
  const variables = Object.entries(theme?.variables ?? {}).map(([name, value]) => `${name}: ${value};`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>DEX-AR</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/panel.css">
<style>:root { ${variables.join(" ")} }</style>
</head>
<body class="${theme?.bodyClass ?? ""}">
<script src="/probe.js"></script>
<script src="/host.js"></script>
<script src="/panel.js"></script>
</body>
</html>
`;
}
