import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { attribute } from "../../src/core/attribution/attribute.js";
import { attributionInput } from "../../src/core/attribution/attributionInput.js";
import { readRun } from "../../src/core/run/readRun.js";
import { readDigest } from "../../src/core/run/runDigest.js";
import { runOutput } from "../../src/core/run/runOutput.js";
import { shownAttribution } from "../../src/core/run/shownAttribution.js";
import type { ExplainToFileRequest, ModelProcessEvent } from "../../src/protocol/modelProcess.js";
import { createEngine } from "../../src/runtime/engine.js";
import { saveDigest } from "../../src/runtime/files/saveDigest.js";
import { writeProblem } from "../../src/runtime/files/writeProblem.js";
import { BUNDLED_MODEL, bundledRequest, EXAMPLE_PICTURE } from "../helpers/bundledModel.js";
import { neverAborted } from "../helpers/explainRequest.js";
import { matching } from "../helpers/matchers.js";
import { sampleRun } from "../helpers/sampleRun.js";

const engine = createEngine();
const quiet = () => undefined;
let folder: string;

beforeAll(async () => {
  await engine.load({ modelDir: BUNDLED_MODEL, device: "cpu", dtype: "fp32" }, quiet);
});
afterAll(() => engine.dispose());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dexar-to-file-"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

const request = (change: Partial<ExplainToFileRequest> = {}): ExplainToFileRequest => ({
  ...bundledRequest({ captureEvery: 1 }),
  files: filesIn(folder),
  ...change,
});

const filesIn = (place: string) => ({
  runPath: join(place, "run.dexar"),
  picturePath: join(place, "run.png"),
  digestPath: join(place, "run.digest"),
});

const readSaved = async (path: string) => readRun(new Uint8Array(readFileSync(path)));

describe("explainToFile", () => {
  test("writes the run that explain gives, and its picture, and nothing else", async () => {
    const saved = await engine.explainToFile(request(), quiet, neverAborted);
    // Loaded anew, it remembers nothing of the answer before: then numbers are equal to the last bit.
    await engine.load({ modelDir: BUNDLED_MODEL, device: "cpu", dtype: "fp32" }, quiet);
    const run = await engine.explain(bundledRequest({ captureEvery: 1 }), quiet, neverAborted);
    expect(readdirSync(folder).sort()).toEqual(["run.dexar", "run.digest", "run.png"]);
    expect(saved).toMatchObject({
      runPath: join(folder, "run.dexar"),
      picturePath: join(folder, "run.png"),
      bytes: statSync(join(folder, "run.dexar")).size,
    });
    const stored = await readSaved(saved.runPath);
    expect(stored.run.info).toEqual(saved.info);
    expect(stored.run.info.tokens).toEqual(run.info.tokens);
    expect(stored.run.arrays).toEqual(run.arrays);
    expect(stored.attribution.tokenHeatmap).toEqual(
      attribute(attributionInput(run), run.info.settings).tokenHeatmap,
    );
    const { width, height } = await sharp(readFileSync(saved.picturePath)).metadata();
    expect([width, height]).toEqual([run.info.image.width, run.info.image.height]);
  });

  test("writes the digest of the run, with a figure only when asked", async () => {
    const saved = await engine.explainToFile(request(), quiet, neverAborted);
    const { run, attribution } = await readSaved(saved.runPath);
    const text = readFileSync(saved.digestPath ?? "", "utf8");
    const data = readDigest(text);
    expect(data.info).toEqual(saved.info);
    expect(data.attribution).toEqual(shownAttribution(run, attribution));
    expect(Buffer.from(data.picture.split(",")[1] ?? "", "base64")).toEqual(readFileSync(saved.picturePath));
    expect(text).not.toContain('"figure"');
    const files = { ...filesIn(folder), withFigure: true };
    const again = await engine.explainToFile(request({ files }), quiet, neverAborted);
    const { figure } = await runOutput(readFileSync(again.digestPath ?? "", "utf8"), again.info.id);
    const drawn = await sharp(Buffer.from(figure ?? "", "base64")).metadata();
    expect(drawn.format).toBe("png");
    expect(drawn.width).toBeGreaterThan(200);
  });

  test("says what the run will be before its first token, picture included", async () => {
    const events: ModelProcessEvent[] = [];
    let pictureAtPrepared = false;
    const saved = await engine.explainToFile(
      request(),
      (event) => {
        events.push(event);
        if (event.kind === "prepared") pictureAtPrepared = existsSync(event.picturePath);
      },
      neverAborted,
    );
    const prepared = events.findIndex((event) => event.kind === "prepared");
    expect(prepared).toBeLessThan(events.findIndex((event) => event.kind === "token"));
    const event = events[prepared];
    if (event?.kind !== "prepared") throw new Error("no prepared event");
    expect(pictureAtPrepared).toBe(true);
    const { tokens, partial, timings, generation, ...rest } = event.info;
    expect([tokens, partial, timings]).toEqual([[], true, {}]);
    expect(saved.info).toMatchObject(rest);
    expect({ ...generation, finish: "stop" }).toEqual(saved.info.generation);
    const stored = await readSaved(saved.runPath);
    expect(event.imagePositions).toEqual(stored.run.arrays.imagePositions);
  });

  test("its explained events hold every array that is per token, as the run has them", async () => {
    const explained: Extract<ModelProcessEvent, { kind: "explained" }>[] = [];
    const { runPath } = await engine.explainToFile(
      request({ captureEvery: 4 }),
      (event) => {
        if (event.kind === "explained") explained.push(event);
      },
      neverAborted,
    );
    const { run, attribution } = await readSaved(runPath);
    const whole = attribute(attributionInput(run), run.info.settings);
    const joined = (name: "tokenHeatmap" | "tokenHeatmapUnfiltered" | "layerShare" | "scoreText") =>
      Float32Array.from(explained.flatMap((event) => [...event[name]]));
    expect(joined("tokenHeatmap")).toEqual(attribution.tokenHeatmap);
    expect(joined("tokenHeatmapUnfiltered")).toEqual(attribution.tokenHeatmapUnfiltered);
    expect(joined("scoreText")).toEqual(attribution.scoreText);
    expect(joined("layerShare")).toEqual(whole.layerShare);
    expect(explained.flatMap((event) => event.reasons)).toEqual(whole.reasons);
    expect(Int32Array.from(explained.flatMap((event) => [...event.textWinner]))).toEqual(whole.textWinner);
    for (const event of explained) expect(Object.keys(event)).not.toContain("sequenceHeatmap");
  });

  test("a cancelled run with finished tokens is written as partial", async () => {
    const abort = new AbortController();
    const onEvent = (event: ModelProcessEvent) => {
      if (event.kind === "explained" && event.first === 2) abort.abort();
    };
    const saved = await engine.explainToFile(request(), onEvent, abort.signal);
    expect(saved.info).toMatchObject({ partial: true, generation: { finish: "cancelled" } });
    const { run } = await readSaved(saved.runPath);
    expect(run.info.tokens.length).toBe(saved.info.tokens.length);
    expect(run.info.tokens.length).toBeGreaterThanOrEqual(3);
    expect(readDigest(readFileSync(saved.digestPath ?? "", "utf8")).info).toEqual(saved.info);
  });

  test("a forced answer that is cancelled keeps the tokens explained so far", async () => {
    const abort = new AbortController();
    const onEvent = (event: ModelProcessEvent) => {
      if (event.kind === "explained" && event.first === 1) abort.abort();
    };
    const target = { text: "there is a dog and a frog" };
    const saved = await engine.explainToFile(request({ target }), onEvent, abort.signal);
    expect(saved.info).toMatchObject({ partial: true, generation: { finish: "cancelled" } });
    expect(saved.info.tokens).toHaveLength(2);
    expect((await readSaved(saved.runPath)).run.info.tokens).toHaveLength(2);
  });

  test("the picture of a large photograph is made smaller, that of a turned one upright", async () => {
    const imagePath = join(folder, "photo.jpg");
    await sharp(EXAMPLE_PICTURE)
      .resize(2000, 1000, { fit: "fill" })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toFile(imagePath);
    const saved = await engine.explainToFile(request({ imagePath, maxNewTokens: 1 }), quiet, neverAborted);
    const { width, height, format } = await sharp(readFileSync(saved.picturePath)).metadata();
    expect([width, height]).toEqual([800, 1600]);
    expect(["png", "jpeg"]).toContain(format);
    expect([saved.info.image.width, saved.info.image.height]).toEqual([1000, 2000]);
    const { picture } = readDigest(readFileSync(saved.digestPath ?? "", "utf8"));
    const small = await sharp(Buffer.from(picture.split(",")[1] ?? "", "base64")).metadata();
    expect([small.width, small.height]).toEqual([512, 1024]);
  });
});

describe("a run that cannot be saved where it belongs", () => {
  test("is kept among the temporary files, with a warning", async () => {
    const gone = join(folder, "gone");
    const files = filesIn(gone);
    const saved = await engine.explainToFile(request({ files, maxNewTokens: 2 }), quiet, neverAborted);
    try {
      expect(saved.runPath).not.toBe(files.runPath);
      expect(saved.runPath.startsWith(tmpdir())).toBe(true);
      expect(existsSync(saved.picturePath)).toBe(true);
      expect(saved.info.warnings.at(-1)).toMatch(
        /could not be saved.*folder does not exist.*kept in .*run\.dexar/,
      );
      const { run } = await readSaved(saved.runPath);
      expect(run.info.warnings).toEqual(saved.info.warnings);
      expect(run.info.tokens).toHaveLength(2);
      expect(saved.digestPath).toMatch(/run\.digest$/);
      const digest = readDigest(readFileSync(saved.digestPath ?? "", "utf8"));
      expect(digest.info.warnings).toEqual(saved.info.warnings);
    } finally {
      for (const file of [saved.runPath, saved.picturePath, saved.digestPath ?? ""])
        rmSync(dirname(file), { recursive: true });
    }
  });

  test("names both places when the temporary files cannot be written either", async () => {
    const gone = join(folder, "gone");
    vi.stubEnv("TMPDIR", join(folder, "no-tmp"));
    const files = filesIn(gone);
    await expect(
      engine.explainToFile(request({ files, maxNewTokens: 1 }), quiet, neverAborted),
    ).rejects.toMatchObject({
      code: "run-not-saved",
      message: matching(/folder does not exist.*folder for temporary files failed too.*no-tmp/s),
      nextStep: "Create the folder, or choose another.",
    });
  });

  test("is saved without its digest when no place takes that: it can be worked out again", async () => {
    mkdirSync(join(folder, "run.digest", "a-folder"), { recursive: true });
    vi.stubEnv("TMPDIR", join(folder, "no-tmp"));
    const said = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    const saved = await engine.explainToFile(request({ maxNewTokens: 1 }), quiet, neverAborted);
    expect(said.mock.calls.join("")).toMatch(/The run is saved, its digest .*run\.digest is not: .*no-tmp/s);
    expect(saved.digestPath).toBeUndefined();
    expect((await readSaved(saved.runPath)).run.info.tokens).toHaveLength(1);
  });

  test("stays saved when its digest cannot be made", async () => {
    const said = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    const run = await sampleRun();
    const spoilt = { ...run, image: new TextEncoder().encode("no picture") };
    const attribution = attribute(attributionInput(run), run.info.settings);
    expect(await saveDigest(spoilt, attribution, null, filesIn(folder))).toBeNull();
    expect(said.mock.calls.join("")).toContain("The run is saved, its digest");
    expect(readdirSync(folder)).toEqual([]);
  });

  test("leaves no half file where it could not be put in place", async () => {
    const runPath = join(folder, "taken.dexar");
    mkdirSync(join(runPath, "by-a-folder"), { recursive: true });
    const files = { ...filesIn(folder), runPath };
    const saved = await engine.explainToFile(request({ files, maxNewTokens: 1 }), quiet, neverAborted);
    expect(readdirSync(folder).sort()).toEqual(["run.digest", "run.png", "taken.dexar"]);
    expect(saved.info.warnings.at(-1)).toMatch(/could not be saved/);
    rmSync(dirname(saved.runPath), { recursive: true });
  });

  test.skipIf(!canMount())("says that the disk is full, or read-only (real ones)", async () => {
    const disk = join(folder, "disk");
    mkdirSync(disk);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", disk]);
    try {
      const files = filesIn(disk);
      const full = await engine.explainToFile(request({ files, maxNewTokens: 4 }), quiet, neverAborted);
      expect(full.bytes).toBeGreaterThan(64 * 1024);
      expect(full.info.warnings.at(-1)).toMatch(/no space is left, ENOSPC.*Free some space/s);
      expect((await readSaved(full.runPath)).run.info.tokens).toHaveLength(4);
      expect(readdirSync(disk).sort()).toEqual(["run.digest", "run.png"]);
      execFileSync("mount", ["-o", "remount,ro", disk]);
      const locked = await engine.explainToFile(request({ files, maxNewTokens: 1 }), quiet, neverAborted);
      expect(locked.info.warnings.at(-1)).toMatch(/read-only, EROFS/);
      for (const { runPath } of [full, locked]) rmSync(dirname(runPath), { recursive: true });
    } finally {
      execFileSync("umount", [disk]);
    }
  });

  test.each([
    ["ENOSPC", /no space is left/, /Free some space/],
    ["EDQUOT", /no space is left/, /Free some space/],
    ["EROFS", /read-only/, /another disk/],
    ["EACCES", /permission denied/, /folder of your own/],
    ["ENOENT", /does not exist/, /Create the folder/],
    ["EIO", /EIO/, /permissions of the folder/],
  ])("puts %s into words", (code, reason, nextStep) => {
    const problem = writeProblem(Object.assign(new Error("it broke"), { code }));
    expect(problem.reason).toMatch(reason);
    expect(problem.nextStep).toMatch(nextStep);
  });
});

/** Whether this system lets the test mount a small disk of its own. */
function canMount(): boolean {
  const point = mkdtempSync(join(tmpdir(), "dexar-mount-"));
  try {
    if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", point]).status !== 0) return false;
    return spawnSync("umount", [point]).status === 0;
  } finally {
    rmSync(point, { recursive: true });
  }
}
