import type { RunInfo } from "../run/types.js";

/** True when the model saw only a part of the picture. */
export function isCropped({ image: { width, height, seen } }: RunInfo): boolean {
  const near = (value: number, whole: number): boolean => Math.abs(value - whole) < 0.5;
  return !(near(seen[0], 0) && near(seen[1], 0) && near(seen[2], width) && near(seen[3], height));
}
