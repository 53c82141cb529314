import type { Engine } from "../engineTypes.js";
import type { ToModelProcess } from "../../protocol/modelProcess.js";
import { ModelProcessServer, type ServerChannel } from "./server.js";

/** The channel to the parent of a process started with `fork`; messages to a parent that is gone are dropped. */
function parentChannel(): ServerChannel {
  return {
    send: (message) =>
      new Promise((resolve) => {
        if (process.send === undefined || !process.connected) resolve();
        else process.send(message, undefined, undefined, () => resolve());
      }),
    onMessage: (listener) => process.on("message", (message) => listener(message as ToModelProcess)),
    onDisconnect: (listener) => process.on("disconnect", listener),
  };
}

/**
 * Makes this process a model process around `engine`.
 * SIGINT is ignored: a terminal sends Ctrl-C to the whole group, and it is the parent that cancels.
 */
export async function serveEngine(engine: Engine, tool: string): Promise<void> {
  process.on("SIGINT", () => {});
  const vitals = () => ({ memory: process.memoryUsage.rss() });
  const server = new ModelProcessServer(engine, parentChannel(), vitals, () => process.exit(0));
  await server.start(tool, process.pid);
}
