import { describe, expect, it } from "vitest";
import { formatTable } from "../../src/core/run/formatTable.js";
import { mapRegion } from "../../src/core/run/mapRegion.js";
import { parseRunInfo } from "../../src/core/run/parseRunInfo.js";
import { reportData } from "../../src/core/run/reportData.js";
import { runToJson } from "../../src/core/run/runToJson.js";
import { attribute } from "../../src/core/attribution/attribute.js";
import { attributionInput } from "../../src/core/attribution/attributionInput.js";
import type { Both } from "../../src/protocol/compare.js";
import { createCompareStore, type Front } from "../../webview/compare/compareStore.js";
import { paneContent } from "../../webview/compare/paneContent.js";
import { viewOfPlace } from "../../webview/panel/zoomView.js";
import { sampleRun } from "../helpers/sampleRun.js";
import { twoPictures } from "../helpers/twoPictures.js";

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

  it("is compared picture by picture, too", async () => {
    const run = await twoPictures();
    const attribution = attribute(attributionInput(run), run.info.settings);
    const at = (cell: number) => {
      const sequenceHeatmap = new Float32Array(run.info.cells.length);
      sequenceHeatmap[cell] = 1;
      return reportData(run, { ...attribution, sequenceHeatmap }, { type: "image/png", bytes: run.image });
    };
    const pictures = [] as unknown as Both<CanvasImageSource>;
    const store = createCompareStore([at(0), at(run.info.cells.length - 1)], ["A", "B"]);
    const text = (front: Front) => paneContent(store, front, pictures).description;
    expect(text("a")).toBe("Strongest at top left in a.png.");
    expect(text("b")).toBe("Strongest at bottom right in b.png.");
    expect(text("difference")).toBe("B looks more at bottom right in b.png, A at top left in a.png.");
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
