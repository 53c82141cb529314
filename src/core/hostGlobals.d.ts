/** The only globals beyond ECMAScript that core may use: every place it runs in (Node, browsers) has them. */
declare class TextDecoder {
  constructor(label?: "utf-8", options?: { readonly fatal?: boolean; readonly ignoreBOM?: boolean });
  decode(input?: ArrayBuffer | ArrayBufferView): string;
}
declare class TextEncoder {
  encode(input?: string): Uint8Array<ArrayBuffer>;
}
/** Bytes (one per character) to base64. */
declare function btoa(bytes: string): string;
/** Base64 to bytes (one per character). */
declare function atob(base64: string): string;
/** Squeezes bytes; `deflate` is the zlib format. */
declare class CompressionStream implements ByteTransform {
  constructor(format: "deflate");
  readonly writable: ByteTransform["writable"];
  readonly readable: ByteTransform["readable"];
}
/** The inverse; fails on damaged bytes. */
declare class DecompressionStream implements ByteTransform {
  constructor(format: "deflate");
  readonly writable: ByteTransform["writable"];
  readonly readable: ByteTransform["readable"];
}
/** Bytes go in at one end and come out changed at the other. */
interface ByteTransform {
  readonly writable: {
    getWriter(): { write(bytes: Uint8Array<ArrayBuffer>): Promise<void>; close(): Promise<void> };
  };
  readonly readable: {
    getReader(): {
      read(): Promise<
        | { readonly done: false; readonly value: Uint8Array<ArrayBuffer> }
        | { readonly done: true; readonly value?: undefined }
      >;
      cancel(): Promise<void>;
    };
  };
}
