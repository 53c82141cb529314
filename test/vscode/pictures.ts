import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { blackPng } from "../helpers/pngFile.js";

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
