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
