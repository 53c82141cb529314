import type { WireReader } from "./wireReader.js";

/**
 * The decoded graph may take this much memory, tensors left on disk not counted; the largest public decoders
 * (a few MB of graph) stay far below it.
 */
const MAX_DECODED_BYTES = 512 * 1024 * 1024;
/** Messages within messages; 32 nested subgraphs, three messages each, fit with their contents. */
const MAX_MESSAGE_DEPTH = 120;
/** `If`, `Loop` and `Scan` bodies within each other. */
const MAX_GRAPH_DEPTH = 32;

const BYTES_PER_MESSAGE = 512;
const BYTES_PER_FIELD = 64;

/** Keeps the decoding of a hostile file within bounded memory, time and stack. */
export class DecodeBudget {
  private used = 0;
  private depth = 0;
  private graphDepth = 0;

  constructor(private readonly reader: WireReader) {}

  /** Counts a message on the way in. */
  enter(isGraph: boolean): void {
    this.spend(BYTES_PER_MESSAGE);
    this.depth++;
    if (isGraph) this.graphDepth++;
    if (this.graphDepth > MAX_GRAPH_DEPTH || this.depth > MAX_MESSAGE_DEPTH) {
      throw this.reader.error(
        "onnx-too-deep",
        `nests more than ${MAX_GRAPH_DEPTH} graphs or ${MAX_MESSAGE_DEPTH} messages in each other`,
      );
    }
  }

  /** Counts a message on the way out. */
  leave(isGraph: boolean): void {
    this.depth--;
    if (isGraph) this.graphDepth--;
  }

  /** Counts a field and the bytes its decoded value needs beyond itself. */
  field(valueBytes: number): void {
    this.spend(BYTES_PER_FIELD + valueBytes);
  }

  private spend(bytes: number): void {
    this.used += bytes;
    if (this.used > MAX_DECODED_BYTES) {
      throw this.reader.error(
        "onnx-too-large",
        `has a graph that needs more than ${MAX_DECODED_BYTES} bytes of memory without its tensors`,
      );
    }
  }
}
