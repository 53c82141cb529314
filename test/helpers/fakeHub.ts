import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

/** A model on the stand-in hub. */
export interface FakeModel {
  readonly files: Readonly<Record<string, Uint8Array>>;
  readonly card?: Readonly<Record<string, unknown>>;
  readonly commit?: string;
}

/** What the server was asked, and what it sent. */
export interface SeenRequest {
  readonly path: string;
  readonly host: string;
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
  readonly authorization: string | undefined;
  /** Bytes of a file's content that went out; it grows while they go. */
  sent: number;
}

/** An answer in place of the usual one; returns false to leave it to the server. */
export type Fault = (request: IncomingMessage, response: ServerResponse, seen: SeenRequest) => boolean;

export const COMMIT = "c0ffee00".repeat(5);

/** The hub's API and files of some models on this machine, with faults that a test puts in. */
export class FakeHub {
  readonly seen: SeenRequest[] = [];
  /** Asked first for each request for a file. */
  fault: Fault | null = null;
  /** Asked first for every request. */
  faultOfAll: Fault | null = null;
  /** Wait this long after each 16 kB of a file. */
  slowMs = 0;
  private readonly server: Server = createServer((request, response) => this.answer(request, response));

  constructor(readonly models: Record<string, FakeModel>) {}

  async start(host = "127.0.0.1"): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, host, resolve));
    return this;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Requests for files, the API's left out. */
  get files(): SeenRequest[] {
    return this.seen.filter(({ path }) => path.includes("/resolve/"));
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const { range, authorization, host = "" } = request.headers;
    const ifRange = request.headers["if-range"] as string | undefined;
    const seen: SeenRequest = { path: request.url ?? "", host, range, ifRange, authorization, sent: 0 };
    this.seen.push(seen);
    const { pathname, searchParams } = new URL(seen.path, "http://x");
    if (this.faultOfAll?.(request, response, seen) === true) return;
    const api = /^\/api\/models\/([^/]+\/[^/]+)\/(revision|tree)\/([^/]+)$/.exec(pathname);
    const file = /^\/([^/]+\/[^/]+)\/resolve\/[^/]+\/(.+)$/.exec(pathname);
    const name = api?.[1] ?? file?.[1] ?? "";
    const model = this.models[name];
    if (model === undefined) return void response.writeHead(404).end("Repository not found");
    if (api?.[2] === "revision") return json(response, describe(name, model));
    if (api?.[2] === "tree") return this.tree(response, name, model, searchParams.get("cursor"));
    if (this.fault?.(request, response, seen) === true) return;
    const bytes = model.files[decodeURIComponent(file?.[2] ?? "")];
    if (bytes === undefined) return void response.writeHead(404).end("Entry not found");
    void this.send(response, bytes, seen);
  }

  /** Two pages, as the hub does with long lists. */
  private tree(response: ServerResponse, name: string, model: FakeModel, cursor: string | null): void {
    const all = [{ type: "directory", path: "onnx", oid: "0".repeat(40), size: 0 }, ...entries(model)];
    const half = Math.ceil(all.length / 2);
    if (cursor !== null) return json(response, all.slice(half));
    const next = `https://hub.invalid/api/models/${name}/tree/x?recursive=true&cursor=page%3D2`;
    json(response, all.slice(0, half), { link: `<${next}>; rel="next"` });
  }

  /** Sends a file, or the range that was asked for. */
  async send(
    response: ServerResponse,
    bytes: Uint8Array,
    seen: SeenRequest,
    ignoreRange = false,
  ): Promise<void> {
    const etag = `"${createHash("sha256").update(bytes).digest("hex")}"`;
    const from = ignoreRange ? 0 : Number(/^bytes=(\d+)-$/.exec(seen.range ?? "")?.[1] ?? 0);
    if (from >= bytes.length && from > 0) return void response.writeHead(416).end();
    const isPart = from > 0 && (seen.ifRange === undefined || seen.ifRange === etag);
    const start = isPart ? from : 0;
    const range = { "content-range": `bytes ${start}-${bytes.length - 1}/${bytes.length}` };
    response.writeHead(isPart ? 206 : 200, {
      ...(isPart ? range : {}),
      etag,
      "content-length": bytes.length - start,
    });
    const closed = once(response, "close");
    for (let position = start; position < bytes.length && !response.destroyed; position += 16_384) {
      const chunk = bytes.subarray(position, position + 16_384);
      seen.sent += chunk.length;
      if (!response.write(chunk)) await Promise.race([once(response, "drain"), closed]);
      if (this.slowMs > 0) await new Promise((resolve) => setTimeout(resolve, this.slowMs));
    }
    response.end();
  }
}

/**
 * A fault that sends so many bytes of a file and then breaks the connection, so many times.
 * @param arrived resolves when so many bytes of the file came: what is on its way is lost with a connection
 */
export function dropAfter(
  hub: FakeHub,
  file: string,
  { bytes, times = 1 }: { readonly bytes: number; readonly times?: number },
  arrived: (bytes: number) => Promise<void>,
): Fault {
  let left = times;
  return (_, response, seen) => {
    if (left === 0 || !seen.path.endsWith(file)) return false;
    left--;
    const name = Object.keys(hub.models)[0] ?? "";
    const all = hub.models[name]?.files[file] ?? new Uint8Array();
    const start = Number(/\d+/.exec(seen.range ?? "0")?.[0]);
    const part = all.subarray(start, start + bytes);
    const headers = { "content-length": all.length - start, etag: etagOf(all) };
    const range = { "content-range": `bytes ${start}-${all.length - 1}/${all.length}` };
    response.writeHead(start > 0 ? 206 : 200, start > 0 ? { ...headers, ...range } : headers);
    seen.sent += part.length;
    response.write(part);
    void arrived(start + part.length).then(() => response.destroy());
    return true;
  };
}

/** A strong tag of a content. */
export function etagOf(bytes: Uint8Array): string {
  return `"${createHash("sha256").update(bytes).digest("hex")}"`;
}

function describe(name: string, { card = { license: "apache-2.0" }, commit = COMMIT }: FakeModel) {
  return { id: name, sha: commit, gated: false, cardData: card };
}

function entries({ files }: FakeModel) {
  return Object.entries(files).map(([path, bytes]) => {
    const git = createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
    const small = { type: "file", path, oid: git, size: bytes.length };
    if (!path.endsWith(".onnx") && !path.includes("_data")) return small;
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    return { ...small, lfs: { oid: sha256, size: bytes.length, pointerSize: 130 } };
  });
}

function json(response: ServerResponse, value: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(200, { "content-type": "application/json", ...headers }).end(JSON.stringify(value));
}
