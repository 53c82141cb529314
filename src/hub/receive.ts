import { open, type FileHandle } from "node:fs/promises";
import { DexarError } from "../core/errors.js";
import { diskFailure } from "./diskFailure.js";
import type { HubFile } from "./hubApi.js";
import { notWritable, unexpected, unreachable } from "./hubErrors.js";
import type { ProgressTeller } from "./progress.js";
import { request, type HubAccess, type HubResponse } from "./request.js";
import { TransientFailure, type Tries } from "./retry.js";
import { withStallWatch } from "./stallWatch.js";

/** What servers called the content of files, to ask later whether it is still the same (`ETag`). */
export interface ContentTags {
  get(path: string): string | null;
  set(path: string, tag: string | null): Promise<void>;
}

/** What downloads of one model share. */
export interface ReceiveContext extends Tries {
  readonly access: HubAccess;
  readonly progress: ProgressTeller;
  readonly tags: ContentTags;
}

interface Receiving {
  readonly file: HubFile;
  readonly url: string;
  readonly page: string;
  /** The file to append to. */
  readonly part: string;
}

/**
 * Asks once for what is missing of a file and appends it. Afterwards the part has the file's size, or more where the
 * server sent more; what came before a failure stays.
 * @param reached is told how many bytes the part has
 */
export async function receive(
  receiving: Receiving,
  context: ReceiveContext,
  reached: (position: number) => void,
): Promise<void> {
  const { url, part, file } = receiving;
  const handle = await open(part, "a");
  try {
    await withStallWatch(context, new URL(url).host, async (signal, heard) => {
      const answer = await ask(handle, receiving, context, signal);
      if (answer === null) return;
      let position = answer.start;
      for await (const chunk of answer.response.body ?? []) {
        heard();
        await append(handle, chunk, part);
        position += chunk.length;
        context.progress.got(chunk.length);
        reached(position);
        if (position > file.size) return;
      }
      if (position < file.size) throw new Error(`it ended ${file.size - position} bytes too early`);
    });
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Asks for what is missing; the part then ends where the answer begins. Null: nothing is missing. */
async function ask(
  handle: FileHandle,
  { file, url, page }: Receiving,
  { access, progress, tags }: ReceiveContext,
  signal: AbortSignal,
): Promise<{ readonly response: HubResponse; readonly start: number } | null> {
  const { host } = new URL(url);
  const there = (await handle.stat()).size;
  if (there >= file.size) return null;
  const headers = rangeHeaders(there, tags.get(file.path));
  const response = await request(access, { url, page, what: file.path, signal, headers });
  const start = startOf(response, there, file, host);
  if (start !== there) {
    await handle.truncate(0);
    progress.lost(there);
  }
  if (start === null) throw new TransientFailure(unreachable(host, "it sent another part than asked for"));
  await tags.set(file.path, response.headers.get("etag"));
  return { response, start };
}

async function append(handle: FileHandle, chunk: Uint8Array, part: string): Promise<void> {
  try {
    await handle.writeFile(chunk);
  } catch (error) {
    const known = diskFailure(part, error);
    throw known instanceof DexarError ? known : notWritable(part, error);
  }
}

function rangeHeaders(there: number, tag: string | null): Record<string, string> {
  // Compressed on the way, bytes could not be counted.
  const plain = { "accept-encoding": "identity" };
  if (there === 0) return plain;
  const range = { ...plain, range: `bytes=${there}-` };
  // A weak tag (W/"…") may not be used here.
  return tag?.startsWith('"') === true ? { ...range, "if-range": tag } : range;
}

/** Where in the file the answer begins: as asked, at 0 where the server gives all of it; null where it is of no use. */
function startOf(
  { status, headers }: HubResponse,
  asked: number,
  { path, size }: HubFile,
  host: string,
): number | null {
  const differs = (found: string) =>
    unexpected(host, `${path} has ${found} bytes there, and ${size} in the list of files`);
  if (status === 200) {
    const length = headers.get("content-length");
    if (length !== null && Number(length) !== size) throw differs(length);
    return 0;
  }
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get("content-range") ?? "") ?? [];
  if (total !== undefined && total !== "*" && Number(total) !== size) throw differs(total);
  return status === 206 && Number(start) === asked ? asked : null;
}
