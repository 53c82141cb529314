import {
  Uint8ArrayReader,
  Uint8ArrayWriter,
  Writer,
  ZipReader,
  ZipWriter,
} from "@zip.js/zip.js/lib/zip-core-native.js";
import type { FileEntry } from "@zip.js/zip.js";
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

/** Packs entries without compression, in order: gradients hardly shrink, and any reader can map them. */
export async function writeZip(
  entries: Iterable<readonly [name: string, bytes: Uint8Array]>,
): Promise<Uint8Array> {
  const output = new Uint8ArrayWriter();
  const zip = new ZipWriter(output, {
    level: 0,
    useWebWorkers: false,
    dataDescriptor: false,
    extendedTimestamp: false,
    lastModDate: ENTRY_DATE,
  });
  for (const [name, bytes] of entries) await zip.add(name, new Uint8ArrayReader(bytes));
  await zip.close();
  return output.getData();
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
