/**
 * The bytes as a Uint8Array with a buffer of its own: a Buffer would reach a webview as a list of numbers, and a view
 * would take its whole buffer along.
 */
export function plainBytes(bytes: Uint8Array): Uint8Array {
  const whole = bytes.byteLength === bytes.buffer.byteLength;
  return whole ? new Uint8Array(bytes.buffer) : new Uint8Array(bytes);
}
