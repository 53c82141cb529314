import { describe, expect, it } from "vitest";
import { Progress } from "../../src/cli/progress.js";
import type { TokenEvent } from "../../src/protocol/modelProcess.js";
import { LogTail } from "../../src/modelClient/logTail.js";

/** A progress with a clock that the test moves, and the text it wrote. */
function followed(rewrites: boolean, columns = 120) {
  const written: string[] = [];
  const clock = { now: 0 };
  const stream = { write: (text: string) => void written.push(text), isTTY: rewrites, columns };
  return { progress: new Progress(stream, rewrites, () => clock.now), written, clock };
}

function token(index: number): TokenEvent {
  return { kind: "token", index, id: 1, text: "a", logprob: 0, alternatives: [] };
}

describe("Progress", () => {
  it("rewrites one line and estimates the time left from the tokens so far", () => {
    const { progress, written, clock } = followed(true);
    progress.begin("cat.png", { count: 10, exact: false });
    for (let index = 0; index < 5; index++) {
      clock.now += 1000;
      progress.event(token(index));
    }
    expect(written.at(-1)).toBe("cat.png  token 5 of at most 10  5.0 s, at most 5.0 s left");
    expect(written.at(-2)).toBe("\r\x1b[2K");
    progress.clear();
    expect(written.at(-1)).toBe("\r\x1b[2K");
  });

  it("says it plainly when the number of tokens is known", () => {
    const { progress, written, clock } = followed(true);
    progress.begin("cat.png", { count: 3, exact: true });
    clock.now = 1000;
    progress.event(token(0));
    clock.now = 3000;
    progress.event(token(1));
    expect(written.at(-1)).toBe("cat.png  token 2 of 3  3.0 s, 2.0 s left");
  });

  it("stays within the terminal's width", () => {
    const { progress, written } = followed(true, 20);
    progress.begin("a-very-long-folder/with-a-very-long-name.png", null);
    expect(written.at(-1)).toHaveLength(19);
  });

  it("is silent without a terminal for short work and speaks every ten seconds in long work", () => {
    const { progress, written, clock } = followed(false);
    progress.begin("cat.png", { count: 40, exact: false });
    for (let index = 0; index < 25; index++) {
      clock.now += 1000;
      progress.event(token(index));
    }
    progress.clear();
    expect(written).toHaveLength(2);
    expect(written[0]).toBe("cat.png  token 10 of at most 40  10 s, at most 30 s left\n");
  });
});

describe("LogTail", () => {
  it("keeps the end of what was written", () => {
    const log = new LogTail(10);
    log.append("0123456789\nab");
    log.append("cd\n\nef");
    expect(log.lastLines(5)).toEqual(["9", "abcd", "ef"]);
    expect(log.lastLines(1)).toEqual(["ef"]);
  });
});
