import { beforeEach, describe, expect, it } from "vitest";
import { DownloadLine, progressText as cliText } from "../../../src/cli/models/downloadLine.js";
import { progressText as hostText } from "../../../src/host/views/hubModelRows.js";
import { ProgressTeller, type DownloadProgress } from "../../../src/hub/progress.js";
import { fake } from "../../helpers/fakeVscode.js";

let time: number;
let told: DownloadProgress[];
let teller: ProgressTeller;

beforeEach(() => {
  fake.reset();
  time = 0;
  told = [];
  teller = new ProgressTeller(
    40e6,
    100e6,
    (progress) => told.push(progress),
    () => time,
  );
});

const last = (): DownloadProgress => {
  const progress = told.at(-1);
  if (progress === undefined) throw new Error("nothing was told");
  return progress;
};

/** So many MB, one each tenth of a second. */
function receive(megabytes: number): void {
  for (let i = 0; i < megabytes; i++) {
    time += 100;
    teller.got(1e6);
  }
}

describe("progress of a download", () => {
  it("knows speed and time left after a moment", () => {
    teller.begin("onnx/a.onnx");
    expect(last()).toMatchObject({
      phase: "receiving",
      received: 40e6,
      bytesPerSecond: null,
      secondsLeft: null,
    });
    receive(20);
    expect(last()).toMatchObject({ received: 60e6, total: 100e6, bytesPerSecond: 10e6, secondsLeft: 4 });
    expect(cliText(last())).toBe("60 %  60 MB of 100 MB  10.0 MB/s  4 s left  onnx/a.onnx");
    expect(hostText(last())).toBe("60% of 100 MB · 4 sec left · 10 MB per second");
  });

  it("tells at most ten times a second", () => {
    teller.begin("a");
    for (let i = 0; i < 1000; i++) {
      time += 1;
      teller.got(1000);
    }
    expect(told.length).toBeLessThanOrEqual(11);
  });

  it("follows the speed of the last ten seconds", () => {
    teller.begin("a");
    receive(20);
    for (let second = 0; second < 12; second++) {
      time += 1000;
      teller.got(1e6);
    }
    expect(last().bytesPerSecond).toBeCloseTo(1e6, -3);
    expect(last().secondsLeft).toBeCloseTo(28, 0);
  });

  it("counts what was lost, and says why it waits", () => {
    teller.begin("a");
    receive(20);
    teller.lost(15e6);
    teller.waiting(6500, "busy");
    expect(last()).toMatchObject({ phase: "waiting", received: 45e6, bytesPerSecond: null });
    expect(cliText(last())).toBe("45 %  45 MB of 100 MB  waiting 7 s: busy");
    expect(hostText(last())).toBe("45% of 100 MB · waiting 7 s: busy");
    teller.checking();
    expect(cliText(last())).toContain("checking a");
    expect(hostText(last())).toBe("45% of 100 MB · checking");
    expect(hostText(null)).toBe("starting…");
  });

  it.each([
    [119, "119 s left"],
    [600, "10 min left"],
    [9000, "2.5 h left"],
  ])("says %i s as %s", (secondsLeft, words) => {
    teller.begin("a");
    expect(cliText({ ...last(), secondsLeft })).toContain(words);
  });

  it("rewrites one line of a terminal, and is silent elsewhere while it is quick", () => {
    teller.begin("a");
    const written: string[] = [];
    const stream = { write: (text: string) => void written.push(text), isTTY: true, columns: 20 };
    const line = new DownloadLine(stream, true);
    line.show(last());
    line.show(last());
    line.clear();
    expect(written).toEqual(["40 %  40 MB of 100 ", "\r\x1b[2K", "40 %  40 MB of 100 ", "\r\x1b[2K"]);
    const plain = new DownloadLine(stream, false);
    plain.show(last());
    expect(written).toHaveLength(4);
    expect(plain.progress).toEqual(last());
  });
});
