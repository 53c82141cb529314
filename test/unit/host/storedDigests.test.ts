import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readDigest } from "../../../src/core/run/runDigest.js";
import { readRun } from "../../../src/core/run/readRun.js";
import type { StoredRuns } from "../../../src/host/runs/storedRuns.js";
import { fake, Uri } from "../../helpers/fakeVscode.js";
import { addSampleRun, makeRuns, temporaryFolder } from "../../helpers/hostServices.js";
import { codeOf } from "../../helpers/thrownBy.js";

let files: ReturnType<typeof temporaryFolder>;
let runs: StoredRuns;

beforeEach(() => {
  fake.reset();
  files = temporaryFolder();
  runs = makeRuns(files.folder);
});

afterEach(() => files.remove());

const digestFile = (id: string) => path.join(files.folder, "runs", `${id}.digest`);

describe("the digest of a kept run", () => {
  it("is worked out from the run file of an older version, once", async () => {
    await addSampleRun(runs, "one");
    expect(existsSync(digestFile("one"))).toBe(false);
    const text = await runs.readDigest("one");
    const { run, attribution } = await readRun((await runs.read("one")).file);
    const data = readDigest(text);
    expect(data.info).toEqual(run.info);
    expect(data.attribution).toMatchObject({ tokenHeatmap: attribution.tokenHeatmap });
    expect(data.attribution.layerShare).toHaveLength(run.info.tokens.length * run.info.model.layers);
    expect(readFileSync(digestFile("one"), "utf8")).toBe(text);
    rmSync(path.join(files.folder, "runs", "one.dexar"));
    expect(await runs.readDigest("one")).toBe(text);
  });

  it.each([
    ["damaged", "{"],
    ["of a newer version", '{"format":"dexar-digest","version":2}'],
  ])("is made again when it is %s, with a line in the log", async (_name, content) => {
    await addSampleRun(runs, "one");
    const text = await runs.readDigest("one");
    writeFileSync(digestFile("one"), content);
    expect(await runs.readDigest("one")).toBe(text);
    expect(readFileSync(digestFile("one"), "utf8")).toBe(text);
    expect(fake.logs.join("\n")).toContain("is made again");
  });

  it("is read from where the model process kept it, also after a reload, and deleted there", async () => {
    const { saved } = await addSampleRun(runs, "one");
    const digestPath = path.join(files.folder, "elsewhere.digest");
    const text = await runs.readDigest("one");
    writeFileSync(digestPath, text);
    await runs.delete("one");
    const { saved: other } = await addSampleRun(runs, "two");
    const { runPath, picturePath } = other;
    await runs.add("three", { ...saved, runPath, picturePath, digestPath }, { image: Uri.file("/cat.png") });
    expect(await runs.readDigest("three")).toBe(text);
    expect(existsSync(digestFile("three"))).toBe(false);
    const again = makeRuns(files.folder);
    await again.ready;
    expect(await again.readDigest("three")).toBe(text);
    await again.delete("three");
    expect([existsSync(digestPath), existsSync(digestFile("three"))]).toEqual([false, false]);
  });

  it("goes with its run", async () => {
    await addSampleRun(runs, "one");
    await runs.readDigest("one");
    await runs.delete("one");
    expect(existsSync(digestFile("one"))).toBe(false);
    expect(await codeOf(runs.readDigest("one"))).toBe("run-missing");
  });

  it("says run-missing when neither digest nor run file is there", async () => {
    const { saved } = await addSampleRun(runs, "one");
    rmSync(saved.runPath);
    expect(await codeOf(runs.readDigest("one"))).toBe("run-missing");
  });
});
