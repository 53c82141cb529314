import type { PictureBytes } from "../../protocol/panel.js";
import { plainBytes } from "../plainBytes.js";

/** A picture that the model process wrote (PNG or JPEG), with the type that its first byte says. */
export function typedPicture(bytes: Uint8Array): PictureBytes {
  return { type: bytes[0] === 0xff ? "image/jpeg" : "image/png", bytes: plainBytes(bytes) };
}
