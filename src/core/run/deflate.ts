/** Bytes that go into a stream at once, so that a little of the input never unpacks to more than some MB unseen. */
const PIECE = 16_384;

/** Squeezes bytes into the zlib format, which has a checksum. */
export function deflate(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  return pass(bytes, new CompressionStream("deflate"), Infinity);
}

/**
 * The inverse of `deflate`.
 * @param most bytes that may come out
 * @throws when the bytes are damaged, or more come out
 */
export function inflate(bytes: Uint8Array<ArrayBuffer>, most: number): Promise<Uint8Array<ArrayBuffer>> {
  return pass(bytes, new DecompressionStream("deflate"), most);
}

async function pass(
  bytes: Uint8Array<ArrayBuffer>,
  { writable, readable }: CompressionStream | DecompressionStream,
  most: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const written = write(bytes, writable);
  // What fails there fails at the reader too.
  written.catch(() => undefined);
  const reader = readable.getReader();
  const parts: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > most) {
      await reader.cancel();
      throw new RangeError(`It unpacks to more than ${most} bytes.`);
    }
    parts.push(value);
  }
  await written;
  return joinBytes(parts);
}

async function write(bytes: Uint8Array<ArrayBuffer>, writable: CompressionStream["writable"]): Promise<void> {
  const writer = writable.getWriter();
  for (let start = 0; start < bytes.length; start += PIECE)
    await writer.write(bytes.subarray(start, start + PIECE));
  await writer.close();
}

/** Bytes one behind the other. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
