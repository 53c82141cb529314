import { createServer, request, type Server } from "node:http";
import { connect, type AddressInfo } from "node:net";

/** An HTTP proxy on this machine that sends everything to one port, whatever host is named, and notes the hosts. */
export class FakeProxy {
  readonly hosts: string[] = [];
  private readonly tunnels = new Set<{ destroy(): unknown }>();
  private readonly server: Server;

  constructor(port: number) {
    this.server = createServer((asked, response) => {
      const { host, pathname, search } = new URL(asked.url ?? "");
      this.hosts.push(host);
      const forward = request(
        { port, host: "127.0.0.1", path: pathname + search, headers: asked.headers },
        (answer) => {
          response.writeHead(answer.statusCode ?? 500, answer.headers);
          answer.pipe(response);
        },
      );
      asked.pipe(forward);
    });
    this.server.on("connect", ({ url = "" }, socket) => {
      this.hosts.push(url);
      const target = connect(port, "127.0.0.1", () => socket.write("HTTP/1.1 200 OK\r\n\r\n"));
      target.pipe(socket).pipe(target);
      this.tunnels.add(socket);
      for (const one of [socket, target])
        one.on("error", () => [socket, target].forEach((end) => end.destroy()));
    });
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    for (const tunnel of this.tunnels) tunnel.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
