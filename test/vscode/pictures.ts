import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { crc32, deflateSync } from "node:zlib";

export const SAMPLE = "examples/burger-and-ghost-and-butterfly.png";

/** Puts sample pictures, and pictures that cannot be explained, into a workspace. */
export function addPictures(workspace: string): void {
  copyFileSync(SAMPLE, path.join(workspace, "burger.png"));
  copyFileSync("examples/dog-and-frog.png", path.join(workspace, "dog.png"));
  const whole = readFileSync(SAMPLE);
  writeFileSync(path.join(workspace, "truncated.png"), whole.subarray(0, whole.length / 2));
  writeFileSync(path.join(workspace, "huge.png"), blackPng(20_000, 20_000));
  writeFileSync(path.join(workspace, "words.png"), "This is no picture.\n");
}

/** A black picture of any size as a PNG with one bit per pixel. */
export function blackPng(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 1;
  const pixels = deflateSync(Buffer.alloc((1 + Math.ceil(width / 8)) * height));
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", pixels),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), framed.length - 4);
  return framed;
}
