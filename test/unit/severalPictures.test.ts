import { describe, expect, it } from "vitest";
import { formatTable } from "../../src/core/run/formatTable.js";
import { mapRegion } from "../../src/core/run/mapRegion.js";
import { parseRunInfo } from "../../src/core/run/parseRunInfo.js";
import { runToJson } from "../../src/core/run/runToJson.js";
import type { Run } from "../../src/core/run/types.js";
import { attribute } from "../../src/core/attribution/attribute.js";
import { attributionInput } from "../../src/core/attribution/attributionInput.js";
import { viewOfPlace } from "../../webview/panel/zoomView.js";
import { sampleRun } from "../helpers/sampleRun.js";

/** The sample run as one about two pictures, left and right half of its own. */
async function twoPictures(): Promise<Run> {
  const run = await sampleRun({ columns: 4, rows: 2 });
  const { width, height } = run.info.image;
  const left = run.info.cells.filter(([x]) => x < width / 2);
  const right = run.info.cells.filter(([x]) => x >= width / 2);
  const half = width / 2;
  const images = [
    {
      name: "a.png",
      sha256: "a",
      place: [0, 0, half, height],
      seen: [0, 0, half, height],
      tokens: left.length,
    },
    { name: "b.png", sha256: "b", place: [half, 0, half, height], seen: [half, 0, half, height], tokens: right.length }, // prettier-ignore
  ] as const;
  return { ...run, info: { ...run.info, cells: [...left, ...right], images } };
}

describe("a run about several pictures", () => {
  it("says which of them a map is strongest in, and where in that", async () => {
    const { info } = await twoPictures();
    const values = new Float32Array(info.cells.length);
    values[info.cells.length - 1] = 1;
    expect(mapRegion(info, values)).toMatchObject({ picture: "b.png", word: "bottom right" });
    values[0] = 3;
    expect(mapRegion(info, values)).toMatchObject({ picture: "a.png", word: "top left" });
    const { info: withoutPictures } = await sampleRun({ columns: 4, rows: 2 });
    expect(mapRegion(info, new Float32Array(info.cells.length))).toBeNull();
    expect(mapRegion(withoutPictures, values)).not.toHaveProperty("picture");
  });

  it("has them in its table and its JSON", async () => {
    const run = await twoPictures();
    const attribution = attribute(attributionInput(run), run.info.settings);
    expect(formatTable(run.info, attribution, { width: 120 })).toMatch(/[ab]\.png: /);
    const json = runToJson(run, attribution);
    expect(json.images?.map(({ name }) => name)).toEqual(["a.png", "b.png"]);
    expect(json.sequence.region?.picture).toMatch(/^[ab]\.png$/);
  });

  it("is read back as it was, and refused when image tokens belong to no picture", async () => {
    const { info } = await twoPictures();
    expect(parseRunInfo(JSON.parse(JSON.stringify(info))).images).toEqual(info.images);
    const wrong = { ...info, images: info.images?.slice(1) };
    expect(() => parseRunInfo(JSON.parse(JSON.stringify(wrong)))).toThrow(/images should be/);
  });

  it("fills the view with the picture that is chosen", () => {
    expect(viewOfPlace([100, 0, 100, 50], { width: 200, height: 100 })).toEqual({
      scale: 2,
      x: 0.75,
      y: 0.25,
    });
    expect(viewOfPlace([100, 0, 100, 100], { width: 200, height: 100 })).toEqual({
      scale: 2,
      x: 0.75,
      y: 0.5,
    });
  });
});
