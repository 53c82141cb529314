import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DexarError } from "../../../src/core/errors.js";
import { Explainer } from "../../../src/host/explain/explainer.js";
import { localImage } from "../../../src/host/explain/localImage.js";
import type { ModelProcessHost } from "../../../src/host/modelHost/modelProcessHost.js";
import type { StoredRuns } from "../../../src/host/runs/storedRuns.js";
import { explainRequest, neverAborted } from "../../helpers/explainRequest.js";
import { fake, FileSystemError, Uri, workspace } from "../../helpers/fakeVscode.js";
import { makeModelHost, makeRuns, temporaryFolder } from "../../helpers/hostServices.js";
import { sampleRun } from "../../helpers/sampleRun.js";
import { codeOf } from "../../helpers/thrownBy.js";

let files: ReturnType<typeof temporaryFolder>;
let runs: StoredRuns;
let model: ModelProcessHost;
let explainer: Explainer;

beforeEach(() => {
  fake.reset();
  files = temporaryFolder();
  runs = makeRuns(files.folder);
  model = makeModelHost().host;
  explainer = new Explainer(model, runs, { get: modelOfRun });
});

afterEach(async () => {
  await model.stop();
  files.remove();
});

const modelOfRun = async () => ({ name: "made-with", dir: "made-with", dtype: "fp32" });

const image = (text: string) => Uri.parse(text);
const stored = () => readdirSync(path.join(files.folder, "runs"));

function task(prompt: string, picture = `file://${files.picture}`) {
  return { image: image(picture), request: explainRequest({ imagePath: "", prompt }) };
}

function listener() {
  const seen: string[] = [];
  return {
    seen,
    onPhase: (phase: string) => void seen.push(phase),
    onEvent: ({ kind }: { kind: string }) => {
      if (kind === "token") seen.push(kind);
    },
  };
}

describe("explaining in the editor", () => {
  it("starts the model, follows the phases and keeps the run", async () => {
    const following = listener();
    const entry = await explainer.explain(task("What?"), following, neverAborted);
    expect(following.seen.slice(0, 4)).toEqual(["starting", "loading", "generating", "token"]);
    expect(runs.entries).toEqual([entry]);
    expect(entry.image.path).toBe(files.picture);
    expect(stored().sort()).toEqual([
      `${entry.id}.dexar`,
      `${entry.id}.digest`,
      `${entry.id}.json`,
      `${entry.id}.png`,
    ]);
  });

  it("keeps the finished part of a run that is cancelled", async () => {
    const stop = new AbortController();
    const following = { onPhase: () => {}, onEvent: () => stop.abort() };
    const entry = await explainer.explain(task("slow"), following, stop.signal);
    expect(entry.saved.info.partial).toBe(true);
    expect(runs.entries).toEqual([entry]);
  });

  it("leaves nothing of a run that failed", async () => {
    expect(await codeOf(explainer.explain(task("crash"), listener(), neverAborted))).toBe(
      "model-process-died",
    );
    expect(await codeOf(explainer.explain(task("fail"), listener(), neverAborted))).toBe("internal");
    expect(stored()).toEqual([]);
    expect(runs.entries).toEqual([]);
  });

  it("answers a cancel at once when another request is at work", async () => {
    const first = new AbortController();
    let begun: () => void = () => {};
    const atWork = new Promise<void>((resolve) => (begun = resolve));
    const slow = explainer.explain(task("slow"), { onPhase: () => {}, onEvent: () => begun() }, first.signal);
    await atWork;
    const second = new AbortController();
    const following = listener();
    const queued = codeOf(explainer.explain(task("What?"), following, second.signal));
    await expect.poll(() => following.seen).toEqual(["queued"]);
    second.abort();
    expect(await queued).toBe("cancelled");
    first.abort();
    expect((await slow).saved.info.partial).toBe(true);
  });

  it("says that a picture is gone before the model is started", async () => {
    rmSync(files.picture);
    expect(await codeOf(explainer.explain(task("What?"), listener(), neverAborted))).toBe("image-not-found");
    expect(model.status.state).toBe("stopped");
  });

  it("says why when runs cannot be kept at all", async () => {
    writeFileSync(path.join(files.folder, "runs"), "a file where the folder should be");
    expect(await codeOf(explainer.explain(task("What?"), listener(), neverAborted))).toBe(
      "output-write-failed",
    );
  });

  it("asks about another token only of a run that is kept", async () => {
    expect(await codeOf(explainer.alternative("none", 0, 1, neverAborted))).toBe("run-missing");
  });

  it("asks about another token of a run with the model that it was made with", async () => {
    const { id } = await explainer.explain(task("What?"), listener(), neverAborted);
    const loading: string[] = [];
    model.onDidChangeStatus(({ state, name }) => state === "loading" && loading.push(name));
    // The stand-in answers every such question with this.
    expect(await codeOf(explainer.alternative(id, 3, 1, neverAborted))).toBe("bad-alternative");
    expect(new Set(loading)).toEqual(new Set(["made-with"]));
  });

  it("starts no process for a run whose model is not known", async () => {
    const unknown = new DexarError("model-not-installed", "It is not known.", "Choose it.");
    const nobody = new Explainer(model, runs, { get: () => Promise.reject(unknown) });
    const run = { runPath: "/runs/a.dexar", model: (await sampleRun()).info.model };
    expect(await codeOf(nobody.alternativeIn(run, 0, 1, neverAborted))).toBe("model-not-installed");
    expect(model.status.state).toBe("stopped");
  });
});

describe("a picture of a virtual workspace", () => {
  const original = { ...workspace.fs };
  afterEach(() => void Object.assign(workspace.fs, original));

  it("is copied under its own name and the copy is deleted afterwards", async () => {
    const copy = await localImage(image(`memory://${files.picture}`));
    expect(path.basename(copy.file)).toBe("cat.png");
    expect(copy.file).not.toBe(files.picture);
    expect(readFileSync(copy.file).equals(readFileSync(files.picture))).toBe(true);
    await copy.dispose();
    expect(existsSync(path.dirname(copy.file))).toBe(false);
  });

  it("is not copied when it is too large, a folder, or not there", async () => {
    const answer = (type: number, size: number) => {
      workspace.fs.stat = async () => ({ type, size, ctime: 0, mtime: 0 });
      return codeOf(localImage(image("memory:///far/cat.png")));
    };
    expect(await answer(1, 2 ** 30)).toBe("image-too-large");
    expect(await answer(2, 0)).toBe("image-is-folder");
    workspace.fs.stat = () => Promise.reject(new FileSystemError("gone", "FileNotFound"));
    expect(await codeOf(localImage(image("memory:///far/cat.png")))).toBe("image-not-found");
    workspace.fs.stat = () => Promise.reject(new Error("the line is dead"));
    expect(await codeOf(localImage(image("memory:///far/cat.png")))).toBe("image-not-readable");
  });
});
