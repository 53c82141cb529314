import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { attribute } from "../../src/core/attribution/attribute.js";
import { attributionInput } from "../../src/core/attribution/attributionInput.js";
import { readRun } from "../../src/core/run/readRun.js";
import type { Run } from "../../src/core/run/types.js";
import { writeRun } from "../../src/core/run/writeRun.js";
import type { ExplainRequest } from "../../src/protocol/modelProcess.js";
import { explainAlternative } from "../../src/runtime/answer/explainAlternative.js";
import { explainAnswer } from "../../src/runtime/answer/explain.js";
import { generateAnswer } from "../../src/runtime/answer/generate.js";
import { pictureKey } from "../../src/runtime/answer/lastAnswer.js";
import { preparePrompt } from "../../src/runtime/answer/prompt.js";
import { encodePng } from "../../src/runtime/image/encode.js";
import { decodePicture, loadPicture } from "../../src/runtime/image/picture.js";
import { cutFromSheet, pictureSheet } from "../../src/runtime/image/pictureSheet.js";
import { loadModel, type LoadedVlm } from "../../src/runtime/model/loadModel.js";
import { maxDifference } from "../helpers/compare.js";
import { explainRequest, neverAborted } from "../helpers/explainRequest.js";
import { familyFolder } from "../helpers/familyFolder.js";

const quiet = () => undefined;
const dir = familyFolder("smolvlm");
const [wide, tall] = ["wide", "tall"].map((name) => join(dir, "pictures", `${name}.png`)) as [string, string];
const folder = mkdtempSync(join(tmpdir(), "dexar-several-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("a sheet of pictures", () => {
  test("holds each of them pixel by pixel", async () => {
    const pictures = await Promise.all([wide, tall, wide].map(loadPicture));
    const { picture, places } = await pictureSheet(pictures);
    const read = await decodePicture(picture.bytes, "sheet.png");
    expect([read.width, read.height]).toEqual([picture.width, picture.height]);
    for (const [index, place] of places.entries()) {
      const cut = cutFromSheet(read, place);
      expect([cut.width, cut.height]).toEqual([pictures[index]?.width, pictures[index]?.height]);
      expect(Buffer.compare(cut.data, pictures[index]?.data ?? new Uint8Array())).toBe(0);
    }
    // In rows, none over another.
    expect(new Set(places.map(([x, y]) => `${x} ${y}`)).size).toBe(3);
  });
});

describe("several pictures in one prompt", () => {
  let vlm: LoadedVlm;
  let run: Run;
  beforeAll(async () => {
    vlm = await loadModel(dir, "fp32");
    run = await explain({});
  });
  afterAll(() => vlm.dispose());

  const request = (change: Partial<ExplainRequest>) =>
    explainRequest({
      ...{ imagePath: wide, imagePaths: [wide, tall], prompt: "what is there?", rawPrompt: false },
      ...{ maxNewTokens: 4, ...change },
    });
  const explain = (change: Partial<ExplainRequest>) =>
    explainAnswer(vlm, request(change), quiet, neverAborted);
  const ids = ({ info }: Run) => info.tokens.map(({ id }) => id);

  test("each has its own image tokens, and cells on its own place of the sheet", async () => {
    const alone: Run[] = [];
    for (const imagePath of [wide, tall]) {
      const one = explainRequest({ imagePath, prompt: "what?", rawPrompt: false, maxNewTokens: 1 });
      alone.push(await explainAnswer(vlm, one, quiet, neverAborted));
    }
    const { images = [], cells } = run.info;
    expect(images.map(({ name }) => name)).toEqual(["wide.png", "tall.png"]);
    expect(images.map(({ tokens }) => tokens)).toEqual(alone.map(({ info }) => info.cells.length));
    expect(run.info.image.name).toBe("wide.png + tall.png");
    let from = 0;
    for (const [index, { place, tokens, sha256 }] of images.entries()) {
      const [left, top] = place;
      const own = cells.slice(from, from + tokens).map(([x, y, w, h]) => [x - left, y - top, w, h]);
      expect(own).toEqual(alone[index]?.info.cells.map((cell) => [...cell]));
      expect(sha256).toBe(alone[index]?.info.image.sha256);
      from += tokens;
    }
    expect(run.info.prompt.rendered.split("<image>")).toHaveLength(3);
    const own = run.info.prompt.tokens.flatMap(({ span }) =>
      span ? [run.info.prompt.text.slice(...span)] : [],
    );
    expect(own.join("").replaceAll(" ", "")).toBe("whatisthere?");
  });

  test("ids are the same with and without capture; the order of the pictures matters", async () => {
    const plain = await generateAnswer(vlm, request({}), quiet, neverAborted);
    expect(ids(run)).toEqual(plain.ids);
    const turned = await explain({ imagePath: tall, imagePaths: [tall, wide] });
    expect(turned.info.images?.map(({ name }) => name)).toEqual(["tall.png", "wide.png"]);
    expect(maxDifference(turned.arrays.lensLogit, run.arrays.lensLogit)).toBeGreaterThan(1e-4);
  });

  test("another picture in second place changes the answer's numbers, and the first one's tokens stay in place", async () => {
    const other = await explain({ imagePaths: [wide, wide], target: { ids: ids(run) } });
    const [first = { tokens: 0 }] = run.info.images ?? [];
    const at = (one: Run) => Array.from(one.arrays.imagePositions.subarray(0, first.tokens));
    expect(at(other)).toEqual(at(run));
    const forced = await explain({ target: { ids: ids(run) } });
    expect(maxDifference(forced.arrays.lensLogit, other.arrays.lensLogit)).toBeGreaterThan(1e-5);
  });

  test("a run file keeps them: it is read back, continued, and asked for another token", async () => {
    const runPath = join(folder, "two.dexar");
    const cut = await explain({ maxNewTokens: 2 });
    const attribution = attribute(attributionInput(cut), cut.info.settings);
    const bytes = await writeRun(cut, attribution);
    writeFileSync(runPath, bytes);
    expect((await readRun(bytes)).run.info.images).toEqual(cut.info.images);
    const question = { imagePath: "", prompt: "what is there?", rawPrompt: false };
    const asked = explainRequest({ ...question, continueFrom: runPath, maxNewTokens: 2 });
    const more = await explainAnswer(vlm, asked, quiet, neverAborted);
    expect(ids(more)).toEqual(ids(run));
    expect(more.info.images).toEqual(cut.info.images);
    const named = await explain({ continueFrom: runPath, maxNewTokens: 2 });
    expect(ids(named)).toEqual(ids(run));
    for (const imagePaths of [[wide, wide], [wide], ["", wide], [wide, tall, tall]]) {
      const other = explain({ continueFrom: runPath, imagePaths });
      await expect(other).rejects.toMatchObject({ code: "continue-other-picture" });
    }
    vlm.lastAnswer.clear();
    const [, second] = ids(cut);
    const alternative = await explainAlternative(
      vlm,
      { runPath, index: 1, tokenId: second ?? 0 },
      neverAborted,
    );
    const size = (cut.arrays.gradient?.length ?? 0) / 2;
    const own = cut.arrays.gradient?.subarray(size) ?? new Float32Array();
    expect(maxDifference(alternative.gradient, own)).toBeLessThan(1e-5);
  });

  test("other pictures that look the same on one sheet are known apart", async () => {
    const keyOf = async (height: number) => {
      const [shown, empty] = ["shown", `empty${height}`].map((name) => join(folder, `${name}.png`));
      const grey = {
        width: 16,
        height: 32,
        channels: 3,
        data: new Uint8Array(3 * 16 * 32).fill(90),
      } as const;
      writeFileSync(shown ?? "", await encodePng(grey));
      const data = new Uint8Array(3 * 16 * height).fill(255);
      writeFileSync(empty ?? "", await encodePng({ width: 16, height, channels: 3, data }));
      const asked = request({ imagePath: shown ?? "", imagePaths: [shown ?? "", empty ?? ""] });
      const prompt = await preparePrompt(vlm, asked);
      return { sheet: prompt.picture.sha256, key: pictureKey(prompt, asked) };
    };
    const [low, high] = [await keyOf(16), await keyOf(32)];
    expect(low.sheet).toBe(high.sheet);
    expect(low.key).not.toBe(high.key);
    expect(await keyOf(16)).toEqual(low);
  });

  test("are refused by a family that takes one", async () => {
    const other = await loadModel(familyFolder("paligemma"), "fp32");
    const imagePaths = [wide, wide];
    const asked = explainRequest({
      imagePath: wide,
      imagePaths,
      prompt: "what?",
      rawPrompt: false,
    });
    const explained = explainAnswer(other, asked, quiet, neverAborted);
    await expect(explained).rejects.toMatchObject({ code: "one-picture" });
    await other.dispose();
  });
});
