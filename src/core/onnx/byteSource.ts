/** A file that is read in pieces; offsets are JS numbers, so files beyond 2 GB work. */
export interface ByteSource {
  /** Bytes in the file. */
  readonly size: number;
  /** Reads exactly `length` bytes from byte `offset`; the range must lie within the file. */
  read(offset: number, length: number): Uint8Array<ArrayBuffer>;
}

/** The folder a model file lies in, where its external data are looked up. */
export interface ModelFolder {
  /** The file of that name (relative, `/` between parts), or undefined if there is none. */
  open(name: string): ByteSource | undefined;
}
