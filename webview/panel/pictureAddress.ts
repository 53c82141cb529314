import type { PictureBytes } from "../../src/protocol/panel.js";

/** An address for a picture's bytes; good until it is revoked. */
export function pictureAddress({ type, bytes }: PictureBytes): string {
  return URL.createObjectURL(new Blob([Uint8Array.from(bytes)], { type }));
}
