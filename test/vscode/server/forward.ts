import { createConnection, createServer, type Server, type Socket } from "node:net";

/** A TCP port of this machine whose connections end at a Unix socket. */
export interface Forward {
  readonly port: number;
  close(): Promise<void>;
}

/** Opens a free port on the loopback address and carries every connection to the Unix socket `path`. */
export async function forwardTo(path: string): Promise<Forward> {
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const inner = createConnection(path);
    for (const [from, to] of [
      [client, inner],
      [inner, client],
    ] as const) {
      open.add(from);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        open.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  });
  await listening(server);
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the forwarder has no port");
  return {
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

function listening(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
}
