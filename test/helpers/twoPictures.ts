import type { Rectangle, Run } from "../../src/core/run/types.js";
import { sampleRun } from "./sampleRun.js";

/** The sample run as one about two pictures, `a.png` and `b.png`: left and right half of its own, 2 x 2 cells each. */
export async function twoPictures(): Promise<Run> {
  const run = await sampleRun({ columns: 4, rows: 2 });
  const { width, height } = run.info.image;
  const half = width / 2;
  const left = run.info.cells.filter(([x]) => x < half);
  const right = run.info.cells.filter(([x]) => x >= half);
  const picture = (name: string, place: Rectangle, tokens: number) => ({
    name,
    sha256: name,
    place,
    seen: place,
    tokens,
  });
  const images = [
    picture("a.png", [0, 0, half, height], left.length),
    picture("b.png", [half, 0, half, height], right.length),
  ];
  return { ...run, info: { ...run.info, cells: [...left, ...right], images } };
}
