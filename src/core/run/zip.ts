import {
  Reader,
  Uint8ArrayReader,
  Writer,
  ZipReader,
  ZipWriter,
} from "@zip.js/zip.js/lib/zip-core-native.js";
import type { FileEntry } from "@zip.js/zip.js";
import { crc32 } from "../crc32.js";
import { DexarError } from "../errors.js";
import { damagedRunFile } from "./runFileErrors.js";

/** One entry of an opened zip. */
export interface ZipEntry {
  /** Unpacked size in bytes, as the zip claims; `read` never gives more. */
  readonly size: number;
  /** Unpacks it and compares its checksum. @throws DexarError `run-file-damaged` */
  readonly read: () => Promise<Uint8Array>;
}

/** Entries are written unpacked: a well-packed entry of this ratio is no run file, but a trap for the memory. */
const MAX_RATIO = 100;
const RATIO_FREE_BYTES = 1024 * 1024;
/** The same bytes for the same run, whenever it is saved. */
const ENTRY_DATE = new Date(1980, 0, 1);

/** An entry to be written. */
export interface NewEntry {
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /** Its bytes, in parts that follow each other; the same each time it is asked for. */
  parts(): Iterable<Uint8Array>;
}

/**
 * Writes entries without compression, in order: gradients hardly shrink, and any reader can map them. Each goes out as
 * it is read.
 */
export async function writeZip(
  entries: Iterable<NewEntry>,
  write: (bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  const zip = new ZipWriter(new PassOn(write), {
    useWebWorkers: false,
    extendedTimestamp: false,
    lastModDate: ENTRY_DATE,
  });
  for (const entry of entries) {
    // With size and checksum at hand the library need not hold the entry back to put them before it.
    const known = { uncompressedSize: entry.size, crc32: crc32(entry.parts()), compressionMethod: 0 };
    await zip.add(entry.name, new PartsReader(entry), { passThrough: true, ...known });
  }
  await zip.close();
}

/** Hands on what is written. */
class PassOn extends Writer<void> {
  constructor(private readonly write: (bytes: Uint8Array) => Promise<void>) {
    super();
  }

  override writeUint8Array(bytes: Uint8Array): Promise<void> {
    return this.write(bytes);
  }
}

/** Reads an entry's parts as one, from its beginning to its end. */
class PartsReader extends Reader<NewEntry> {
  private readonly parts: Iterator<Uint8Array>;
  /** What was read of the entry but not yet handed on. */
  private rest: Uint8Array = new Uint8Array();
  private position = 0;

  constructor(entry: NewEntry) {
    super(entry);
    this.size = entry.size;
    this.parts = entry.parts()[Symbol.iterator]();
  }

  override async readUint8Array(index: number, length: number): Promise<Uint8Array> {
    if (index !== this.position) throw new RangeError(`an entry is read at ${index} after ${this.position}`);
    const bytes = new Uint8Array(Math.min(length, this.size - index));
    for (let filled = 0; filled < bytes.length;) {
      if (this.rest.length === 0) this.rest = this.nextPart();
      const part = this.rest.subarray(0, bytes.length - filled);
      bytes.set(part, filled);
      filled += part.length;
      this.rest = this.rest.subarray(part.length);
    }
    this.position += bytes.length;
    return bytes;
  }

  private nextPart(): Uint8Array {
    const next = this.parts.next();
    if (next.done === true) throw new RangeError("an entry has fewer bytes than it says");
    return next.value;
  }
}

/**
 * Lists the entries of a zip by name; nothing is unpacked yet.
 * @throws DexarError `run-file-damaged`
 */
export async function openZip(bytes: Uint8Array): Promise<ReadonlyMap<string, ZipEntry>> {
  const zip = new ZipReader(new Uint8ArrayReader(bytes), {
    strictness: "strict",
    checkSignature: true,
    useWebWorkers: false,
  });
  const listed = await zip.getEntries().catch((error: unknown) => {
    throw damagedRunFile("its list of entries cannot be read", error);
  });
  const entries = new Map<string, ZipEntry>();
  for (const entry of listed) {
    if (entry.directory || entries.has(entry.filename))
      throw damagedRunFile(`its entry ${JSON.stringify(entry.filename)} does not belong there`);
    entries.set(entry.filename, { size: entry.uncompressedSize, read: () => unpack(entry) });
  }
  return entries;
}

async function unpack(entry: FileEntry): Promise<Uint8Array> {
  const { filename, uncompressedSize, compressedSize } = entry;
  if (uncompressedSize > RATIO_FREE_BYTES + MAX_RATIO * compressedSize)
    throw damagedRunFile(`its entry ${filename} claims to unpack to ${uncompressedSize} bytes`);
  try {
    return await entry.getData(new BoundedWriter(uncompressedSize));
  } catch (error) {
    if (error instanceof DexarError) throw error;
    throw damagedRunFile(`its entry ${filename} cannot be unpacked or fails its checksum`, error);
  }
}

/** Takes as many bytes as were announced, no more. */
class BoundedWriter extends Writer<Uint8Array> {
  private readonly bytes: Uint8Array;
  private filled = 0;

  constructor(size: number) {
    super();
    this.bytes = new Uint8Array(size);
  }

  override async writeUint8Array(chunk: Uint8Array): Promise<void> {
    this.bytes.set(chunk, this.filled);
    this.filled += chunk.length;
  }

  override async getData(): Promise<Uint8Array> {
    if (this.filled !== this.bytes.length) throw new RangeError(`only ${this.filled} bytes came`);
    return this.bytes;
  }
}
