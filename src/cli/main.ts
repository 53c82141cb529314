#!/usr/bin/env node
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { ModelProcessClient } from "../modelClient/client.js";
import type { CliIo, OutputStream } from "./io.js";
import { packageRoot } from "./packageRoot.js";
import { renderHtmlComparison } from "./report/comparisonHtml.js";
import { renderHtmlReport } from "./report/html.js";
import { runCli } from "./runCli.js";
import type { CliServices } from "./services.js";

const root = packageRoot(path.dirname(fileURLToPath(import.meta.url)));

const startClient = (signal: AbortSignal) =>
  ModelProcessClient.start({ entry: path.join(root, "dist", "modelProcess.js"), signal });

const services: CliServices = {
  version: (JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as { version: string }).version,
  modelsDir: path.join(root, "models"),
  createClient: startClient,
  renderReport: (run, attribution) => renderHtmlReport(run, attribution),
  renderComparison: (runs, shown) => renderHtmlComparison(runs, shown),
  inspectModel: async (dir, answer) => (await import("../runtime/inspect.js")).inspectModel(dir, answer),
  verifyModel: async (dir, wish) => (await import("../runtime/verify.js")).verifyModel(dir, wish),
  runBench: async (options, context) =>
    (await import("../bench/runBench.js")).runBench(options, { ...context, startClient }),
};

function outputStream(stream: NodeJS.WriteStream): OutputStream {
  // A reader that has seen enough (`dexar show … | head`) is not a failure.
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
  return {
    write: (text) => void stream.write(text),
    isTTY: stream.isTTY,
    columns: stream.isTTY && stream.columns > 0 ? stream.columns : 120,
  };
}

const io: CliIo = {
  stdout: outputStream(process.stdout),
  stderr: outputStream(process.stderr),
  env: process.env,
  onInterrupt: (listener) => {
    process.on("SIGINT", listener);
    return () => process.off("SIGINT", listener);
  },
  exitNow: (code) => process.exit(code),
};

process.exitCode = await runCli(process.argv.slice(2), io, services);
