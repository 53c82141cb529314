import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkTextbook, runTextbook, textbookPeer } from "../../../src/bench/measure/textbookPeer.js";
import { neverAborted } from "../../helpers/explainRequest.js";
import { codeOf } from "../../helpers/thrownBy.js";
import { TEXTBOOK_RESULT, textbookStandIn } from "../../helpers/textbookStandIn.js";

const TASK = { weights: "/weights", prompt: "/prompt", run: "/prompt/answer.dexar", tokens: 3 };
const ignore = () => undefined;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "dexar-textbook-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe("before anything is measured", () => {
  it("asks the program for its versions", async () => {
    const peer = textbookStandIn(folder, `process.exitCode = args.join() === "--versions" ? 0 : 1;`);
    await expect(checkTextbook(peer, neverAborted)).resolves.toBeUndefined();
  });

  it("names a Python that is not there, and what to install", async () => {
    await expect(checkTextbook(textbookPeer("no-such-python", folder), neverAborted)).rejects.toMatchObject({
      code: "textbook-not-ready",
      message: expect.stringContaining("no-such-python: there is no such program") as string,
      nextStep: expect.stringContaining(
        "no-such-python -m pip install -r tools/textbook/requirements.txt",
      ) as string,
    });
  });

  it("names the package that is missing", async () => {
    const missing = "ModuleNotFoundError: No module named 'torch'";
    const body = `console.error("Traceback\\n  in a file\\n${missing}"); process.exitCode = 1;`;
    await expect(checkTextbook(textbookStandIn(folder, body), neverAborted)).rejects.toMatchObject({
      code: "textbook-not-ready",
      message: expect.stringContaining(`${missing}.`) as string,
    });
  });
});

describe("the run", () => {
  it("explains the tokens of our run, and tells how far it is", async () => {
    const body = `console.error("token 1 of 3: 3.0 s");
      console.log(JSON.stringify({ ...${JSON.stringify(TEXTBOOK_RESULT)}, args }));`;
    const told: string[] = [];
    const onProgress = (doing: string) => void told.push(doing);
    const result = await runTextbook(textbookStandIn(folder, body), TASK, onProgress, neverAborted);
    const args = ["/weights", "/prompt", "--tokens", "3", "--check", "/prompt/answer.dexar"];
    expect(result).toEqual({ ...TEXTBOOK_RESULT, args });
    expect(told).toEqual(["token 1 of 3: 3.0 s"]);
  });

  it("gives the numbers also when they differ from ours", async () => {
    const body = `console.log(${JSON.stringify(JSON.stringify(TEXTBOOK_RESULT))}); process.exitCode = 1;`;
    const result = runTextbook(textbookStandIn(folder, body), TASK, ignore, neverAborted);
    await expect(result).resolves.toEqual(TEXTBOOK_RESULT);
  });

  it("says how it ended without numbers, with the end of what it said", async () => {
    const body = `console.error("MemoryError"); process.exitCode = 3;`;
    const result = runTextbook(textbookStandIn(folder, body), TASK, ignore, neverAborted);
    await expect(result).rejects.toMatchObject({
      code: "textbook-failed",
      message: expect.stringMatching(/exit code 3:\n {2}\| MemoryError/) as string,
    });
  });

  it("ends the program when it is cancelled", async () => {
    const cancel = new AbortController();
    const body = `console.error(process.pid); setInterval(() => {}, 1000);`;
    let pid = 0;
    const onProgress = (line: string) => {
      pid = Number(line);
      cancel.abort();
    };
    const result = runTextbook(textbookStandIn(folder, body), TASK, onProgress, cancel.signal);
    expect(await codeOf(result)).toBe("cancelled");
    await expect.poll(() => isAlive(pid)).toBe(false);
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
