import { deflateSync, inflateSync } from "node:zlib";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { attribute } from "../../src/core/attribution/attribute.js";
import { attributionInput } from "../../src/core/attribution/attributionInput.js";
import { packRounded, unpackRounded } from "../../src/core/run/packRounded.js";
import type { ReportData } from "../../src/core/run/reportData.js";
import { readDigest, runDigest } from "../../src/core/run/runDigest.js";
import { readRunOutput, runOutput } from "../../src/core/run/runOutput.js";
import type { Run } from "../../src/core/run/types.js";
import { arbitraryRun } from "../helpers/arbitraryRun.js";
import { containing } from "../helpers/matchers.js";
import { sampleRun } from "../helpers/sampleRun.js";

const PICTURE = { type: "image/png", bytes: Uint8Array.of(1, 2, 3, 250) } as const;
const FIGURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47);
/** Half a unit in the last of 11 bits. */
const ROUNDING = 2 ** -11;
/** Half the smallest part of an array's largest number. */
const SMALLEST = 2 ** -25;

let run: Run;
let digest: string;

beforeAll(async () => {
  run = await sampleRun({ columns: 5, rows: 4 });
  digest = runDigest(run, attribute(attributionInput(run), run.info.settings), {
    ...PICTURE,
    figure: FIGURE,
  });
});

function expectRounded(actual: Float32Array, exact: Float32Array): void {
  expect(actual).toHaveLength(exact.length);
  const most = exact.reduce((found, value) => Math.max(found, Math.abs(value)), 0);
  for (const [index, value] of exact.entries()) {
    const error = Math.abs((actual[index] ?? NaN) - value);
    // The last part: a result below float32's own smallest step.
    expect(error).toBeLessThanOrEqual(
      Math.abs(value) * ROUNDING * 1.001 + most * SMALLEST * 1.001 + 2 ** -149,
    );
  }
}

/** The same run, but for the last digits of its numbers and what an output leaves out. */
function expectSameRun(output: ReportData, exact: ReportData): void {
  const { attribution, info, ...rest } = output;
  const { attribution: exactAttribution, info: exactInfo, ...exactRest } = exact;
  expect(rest).toEqual(exactRest);
  expect({ ...info, tokens: [] }).toEqual({ ...exactInfo, tokens: [] });
  for (const [index, token] of exactInfo.tokens.entries()) {
    const { logprob, alternatives, ...words } = token;
    expect(info.tokens[index]).toMatchObject(words);
    expect(info.tokens[index]?.logprob).toBe(Number(logprob.toPrecision(4)));
    const rounded = alternatives.map((one) => ({ ...one, logprob: Number(one.logprob.toPrecision(4)) }));
    expect(info.tokens[index]?.alternatives).toEqual(rounded);
  }
  expect(attribution.textWinner).toEqual(exactAttribution.textWinner);
  expect(attribution.imageWinner).toBeUndefined();
  for (const [name, values] of Object.entries(exactAttribution))
    if (values instanceof Float32Array) expectRounded(attribution[name as "headWeight"], values);
}

/** The output with its packed digest unpacked, changed as text, and packed again. */
function withDigestText(json: string, change: (text: string) => string): string {
  const output = JSON.parse(json) as { digest: string };
  const bytes = inflateSync(Buffer.from(output.digest, "base64"));
  const changed = Buffer.from(change(bytes.toString("latin1")), "latin1");
  return JSON.stringify({ ...output, digest: deflateSync(changed).toString("base64") });
}

describe("the output of a notebook", () => {
  it("keeps the run with rounded numbers, and gives its figure apart", async () => {
    const { json, figure } = await runOutput(digest, "run-7");
    expect(figure).toBe(Buffer.from(FIGURE).toString("base64"));
    expect(json.length).toBeLessThan(digest.length / 2);
    const { runId, data } = await readRunOutput(json);
    expect(runId).toBe("run-7");
    expectSameRun(data, readDigest(digest));
    expect((await readRunOutput(JSON.stringify(JSON.parse(json), null, 2))).runId).toBe("run-7");
  });

  it("is the same each time, and may stand in HTML", async () => {
    const { json } = await runOutput(digest, "</script>");
    expect(json).not.toContain("<");
    expect((await runOutput(digest, "</script>")).json).toBe(json);
    expect((await readRunOutput(json)).runId).toBe("</script>");
  });

  it("comes back for any run", async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryRun, async ({ run: any, attribution }) => {
        const bare = { ...any, arrays: { ...any.arrays, gradient: null, gradientReferenceLast: null } };
        const text = runDigest(bare, attribution, PICTURE);
        const { data } = await readRunOutput((await runOutput(text, "x")).json);
        expectSameRun(data, readDigest(text));
      }),
    );
  });

  it("has no figure where none was drawn", async () => {
    const figureOf = async (text: string) => (await runOutput(text, "x")).figure;
    expect(
      await figureOf(JSON.stringify({ ...(JSON.parse(digest) as object), figure: undefined })),
    ).toBeNull();
    const svg = digest.replace("data:image/png;base64,iVBORw==", "data:image/svg+xml,AAAA");
    expect(svg).not.toBe(digest);
    expect(await figureOf(svg)).toBeNull();
  });

  it("is refused in words when it is damaged or newer", async () => {
    const { json } = await runOutput(digest, "run-7");
    const errorOf = (text: string) =>
      readRunOutput(text).then(
        () => null,
        (error: unknown) => error,
      );
    const damaged = (words: string) => ({
      code: "digest-damaged",
      message: containing(words),
      nextStep: containing("Run it again"),
    });
    expect(await errorOf(json.replace('"version":1', '"version":2'))).toMatchObject({
      code: "digest-newer",
      nextStep: containing("Update DEX-AR"),
    });
    expect(await errorOf(json.replace("dexar-run-output", "other"))).toMatchObject(damaged("DEX-AR result"));
    expect(await errorOf(json.replace('"runId":"run-7"', '"runId":7'))).toMatchObject(damaged("runId"));
    expect(await errorOf(json.slice(1))).toMatchObject(damaged("not JSON"));
    expect(await errorOf("null")).toMatchObject(damaged("not JSON"));
    expect(await errorOf(digest)).toMatchObject(damaged("DEX-AR result"));
    expect(await errorOf(json.replace('"digest":"', '"digest":"§'))).toMatchObject(damaged("unpacked"));
    expect(await errorOf(json.replace(/"digest":".*"/, '"digest":{}'))).toMatchObject(damaged("digest is"));
    const change = (from: string | RegExp, to: string) =>
      errorOf(withDigestText(json, (text) => text.replace(from, to)));
    expect(await change('"scoreText":{"$array":"f16"', '"scoreText":{"$array":"i32"')).toMatchObject(
      damaged("unpacked"),
    );
    expect(await change(/"scoreText":\{[^}]*\}/, '"scoreText":1')).toMatchObject(
      damaged("attribution.scoreText is missing"),
    );
    expect(await change(/"length":\d+/, '"length":-4')).toMatchObject(damaged("unpacked"));
    expect(await change('"format":"dexar-digest"', '"format":"other"')).toMatchObject(
      damaged("DEX-AR result"),
    );
    expect(await change(/\n[^]*/, "")).toMatchObject(damaged("unpacked"));
    await expect(runOutput("not JSON", "x")).rejects.toMatchObject({ code: "digest-damaged" });
    await expect(runOutput("7", "x")).rejects.toMatchObject({ code: "digest-damaged" });
  });

  it("is refused where a small text would fill the memory", async () => {
    const { json } = await runOutput(digest, "run-7");
    const bomb = deflateSync(Buffer.alloc(128 * 1024 * 1024 + 1, " ")).toString("base64");
    expect(bomb.length).toBeLessThan(200_000);
    const failure = readRunOutput(JSON.stringify({ ...(JSON.parse(json) as object), digest: bomb }));
    await expect(failure).rejects.toMatchObject({
      code: "digest-damaged",
      cause: { message: containing("more than 134217728 bytes") },
    });
  });

  it("with any few characters changed is read as it was or refused in words", async () => {
    const { json } = await runOutput(digest, "run-7");
    const { data } = await readRunOutput(json);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.string({ maxLength: 4 }),
        fc.nat({ max: 9 }),
        async (place, patch, cut) => {
          const start = place % json.length;
          const text = json.slice(0, start) + patch + json.slice(start + cut);
          const read = await readRunOutput(text).catch((error: unknown) => {
            expect(error).toMatchObject({ code: containing("digest-") });
            return null;
          });
          if (read) expect(read.data).toEqual(data);
        },
      ),
    );
  });
});

describe("packed numbers", () => {
  const back = async (value: unknown) => unpackRounded(await packRounded(value, (_key, entry) => entry));

  it("keep 11 bits, whatever their size, and zero and the largest exactly", async () => {
    const numbers = fc.float({ noNaN: true, noDefaultInfinity: true });
    await fc.assert(
      fc.asyncProperty(
        fc.float32Array({ noNaN: true, noDefaultInfinity: true }),
        numbers,
        async (list, one) => {
          const { values, single } = (await back({ values: list, single: Float32Array.of(0, one) })) as {
            values: Float32Array;
            single: Float32Array;
          };
          expectRounded(values, list);
          expect([...single].map(Math.abs)).toEqual([0, Math.abs(one)]);
        },
      ),
    );
    const tiny = Float32Array.of(3e-30, 1e-30, -2e-33);
    expectRounded((await back(tiny)) as Float32Array, tiny);
    expect(await back(Float32Array.of(NaN, Infinity, -Infinity, 1))).toEqual(
      Float32Array.of(NaN, Infinity, -Infinity, 1),
    );
  });

  it("are exact where they are whole", async () => {
    await fc.assert(
      fc.asyncProperty(fc.int32Array(), fc.jsonValue(), async (list, json) => {
        const value = { first: list, json: JSON.parse(JSON.stringify(json)) as unknown, last: list };
        expect(await back(value)).toEqual(value);
      }),
    );
  });
});
