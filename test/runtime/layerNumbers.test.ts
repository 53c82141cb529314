import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { attribute } from "../../src/core/attribution/attribute.js";
import { attributionInput } from "../../src/core/attribution/attributionInput.js";
import { formatTable } from "../../src/core/run/formatTable.js";
import { ownLayers } from "../../src/core/run/ownLayers.js";
import { readRun } from "../../src/core/run/readRun.js";
import { runToJson } from "../../src/core/run/runToJson.js";
import { shownAttribution } from "../../src/core/run/shownAttribution.js";
import { writeRun } from "../../src/core/run/writeRun.js";
import { explainAnswer } from "../../src/runtime/answer/explain.js";
import { loadModel, type LoadedVlm } from "../../src/runtime/model/loadModel.js";
import { factsLine } from "../../src/runtime/picture/drawHeader.js";
import { explainRequest, neverAborted } from "../helpers/explainRequest.js";
import { familyFolder } from "../helpers/familyFolder.js";

async function explain(vlm: LoadedVlm, family: string) {
  const imagePath = join(familyFolder(family), "pictures", "wide.png");
  const request = explainRequest({ imagePath, prompt: "Where?", rawPrompt: false, maxNewTokens: 2 });
  return explainAnswer(vlm, request, () => undefined, neverAborted);
}

describe("a run of a model with layers that do not attend (LFM2-VL)", () => {
  let vlm: LoadedVlm | undefined;
  beforeAll(async () => {
    vlm = await loadModel(familyFolder("lfm2vl"), "fp32");
  });
  afterAll(() => vlm?.dispose());

  it("says which of the model's layers are explained, in the file, on the terminal and in pictures", async () => {
    if (!vlm) throw new Error("the model is not loaded");
    const run = await explain(vlm, "lfm2vl");
    expect(run.info.model).toMatchObject({ layers: 2, layerNumbers: [0, 2] });
    const attribution = attribute(attributionInput(run), run.info.settings);
    const read = await readRun(await writeRun(run, attribution));
    expect(read.run.info.model.layerNumbers).toEqual([0, 2]);
    const shown = shownAttribution(read.run, read.attribution);
    expect(formatTable(read.run.info, shown, { width: 200 })).toContain(
      "layers L0-L1 (with attention; the model's 0, 2)",
    );
    expect(factsLine(read.run.info)).toContain("layers L0–L1 of 2 with attention (the model's 0, 2)");
    expect(runToJson(read.run, shown).model.layerNumbers).toEqual([0, 2]);
  });
});

describe("a run of a model whose layers all attend", () => {
  it("counts them as the model does", async () => {
    const vlm = await loadModel(familyFolder("florence2"), "fp32");
    try {
      const { info } = await explain(vlm, "florence2");
      expect(info.model.layerNumbers).toBeUndefined();
      expect(ownLayers(info.model, [0, 2])).toBeNull();
      expect(factsLine(info)).toContain("layers L0–L1 of 2  ·");
    } finally {
      await vlm.dispose();
    }
  });
});

describe("ownLayers", () => {
  it("names those in the range", () => {
    expect(ownLayers({ layerNumbers: [2, 5, 8, 10] }, [1, 3])).toBe("5, 8");
  });
});
