import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DexarError } from "../../src/core/errors.js";
import { ARRAY_NAMES, arraySpecs } from "../../src/core/run/arraySpecs.js";
import { readRun } from "../../src/core/run/readRun.js";
import { writeRun } from "../../src/core/run/writeRun.js";
import { decodeNpy, encodeNpy } from "../../src/core/tensor/npy.js";
import { arbitraryRun, type StoredRun } from "../helpers/arbitraryRun.js";
import { packZip, readStoredZip } from "../helpers/plainZip.js";

/** One run with at least one of everything, always the same. */
const [SAMPLE] = fc.sample(
  arbitraryRun.filter(
    ({ run }) =>
      run.arrays.gradient !== null &&
      run.arrays.gradient.length > 50 &&
      run.info.cells.length > 1 &&
      run.image.length > 5,
  ),
  { seed: 11, numRuns: 1 },
) as [StoredRun];
const write = ({ run, attribution }: StoredRun) => writeRun(run, attribution);

/** The sample's file with some entries replaced (null: left out). */
async function changed(changes: Record<string, Uint8Array | null>): Promise<Uint8Array> {
  const entries = new Map<string, Uint8Array | null>([
    ...readStoredZip(await write(SAMPLE)),
    ...Object.entries(changes),
  ]);
  return packZip([...entries].flatMap(([name, bytes]) => (bytes === null ? [] : [[name, bytes] as const])));
}

async function changedInfo(change: (info: Record<string, unknown>) => void): Promise<Uint8Array> {
  const info = JSON.parse(JSON.stringify(SAMPLE.run.info)) as Record<string, unknown>;
  change(info);
  return changed({ "run.json": Buffer.from(JSON.stringify(info)) });
}

function promptToken(info: Record<string, unknown>, index: number): Record<string, unknown> {
  const token = (info["prompt"] as { tokens: Record<string, unknown>[] }).tokens[index];
  if (token === undefined) throw new Error(`the sample has no prompt token ${index}`);
  return token;
}

async function failure(bytes: Uint8Array): Promise<DexarError> {
  const error: unknown = await readRun(bytes).then(
    () => new Error("the file was read"),
    (reason: unknown) => reason,
  );
  if (error instanceof DexarError) return error;
  throw error;
}

describe("run file", () => {
  it("reads back what it wrote", async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryRun, async (stored) => {
        expect(await readRun(await write(stored))).toEqual(stored);
      }),
      { numRuns: 25 },
    );
  });

  it("writes the same bytes twice", async () => {
    expect(await write(SAMPLE)).toEqual(await write(SAMPLE));
  });

  it("is a zip of .npy arrays with the documented names, types and shapes", async () => {
    const entries = readStoredZip(await write(SAMPLE));
    expect([...entries.keys()]).toEqual([
      "run.json",
      SAMPLE.run.info.image.entry,
      ...ARRAY_NAMES.map((name) => `${name}.npy`),
    ]);
    expect(entries.get(SAMPLE.run.info.image.entry)).toEqual(SAMPLE.run.image);
    const { tokens, prompt, cells, model } = SAMPLE.run.info;
    const [T, S, N, L, H] = [tokens.length, prompt.tokens.length, cells.length, model.layers, model.heads];
    const header = (name: string) =>
      Buffer.from(entries.get(`${name}.npy`) ?? [])
        .subarray(10, 128)
        .toString();
    expect(header("gradient")).toContain(
      `'<f4', 'fortran_order': False, 'shape': (${T}, ${L}, ${H}, ${S + T - 1}), `,
    );
    expect(header("gradient_reference_last")).toContain(
      `'<f4', 'fortran_order': False, 'shape': (${T}, ${H}, ${S + T - 1}), `,
    );
    expect(header("input_ids")).toContain(`'<i8', 'fortran_order': False, 'shape': (${S + T},), `);
    expect(header("image_positions")).toContain(`'<i4', 'fortran_order': False, 'shape': (${N},), `);
    expect(header("token_heatmap")).toContain(`'<f4', 'fortran_order': False, 'shape': (${T}, ${N}), `);
    expect(header("token_weight")).toContain(`'<f4', 'fortran_order': False, 'shape': (${T},), `);
    expect(decodeNpy(entries.get("gradient.npy") ?? new Uint8Array(), "x").data).toEqual(
      SAMPLE.run.arrays.gradient,
    );
  });

  it("opens with numpy, or Python's zipfile where numpy is not installed", async ({ skip }) => {
    const folder = mkdtempSync(path.join(tmpdir(), "dexar-"));
    try {
      const file = path.join(folder, "x.dexar");
      writeFileSync(file, await write(SAMPLE));
      const python = (code: string) =>
        execFileSync("python3", ["-c", code, file], { encoding: "utf8", stdio: "pipe" });
      let available = true;
      try {
        python("import json, zipfile");
      } catch {
        available = false;
      }
      skip(!available, "python3 is not installed");
      const shapes = JSON.parse(
        python(`
import json, sys, zipfile
try:
    import numpy
    with numpy.load(sys.argv[1]) as z:
        print(json.dumps({n: [str(z[n].dtype), list(z[n].shape)] for n in z.files if not n.startswith(("run.", "image."))}))
except ImportError:
    import ast
    names = {"<f4": "float32", "<i4": "int32", "<i8": "int64"}
    with zipfile.ZipFile(sys.argv[1]) as z:
        assert z.testzip() is None
        heads = {n[:-4]: ast.literal_eval(z.read(n)[10:].split(b"\\n")[0].decode().strip()) for n in z.namelist() if n.endswith(".npy")}
    print(json.dumps({n: [names[h["descr"]], list(h["shape"])] for n, h in heads.items()}))
`),
      ) as unknown;
      const types = { "<f4": "float32", "<i4": "int32", "<i8": "int64" };
      const expected = Object.entries(arraySpecs(SAMPLE.run.info)).map(([name, { type, shape }]) => [
        name,
        [types[type], shape],
      ]);
      expect(shapes).toEqual(Object.fromEntries(expected));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("reads a file that another tool has packed again", async () => {
    const repacked = packZip(readStoredZip(await write(SAMPLE)), { deflate: true });
    expect(await readRun(repacked)).toEqual(SAMPLE);
  });

  it("reads a float16 gradient", async () => {
    const gradient = SAMPLE.run.arrays.gradient ?? new Float32Array();
    const { shape } = arraySpecs(SAMPLE.run.info).gradient;
    const header = Buffer.from(encodeNpy("<i4", shape, Int32Array.from(gradient)).subarray(0, 128));
    header.write("<f2", header.indexOf("<i4"), "latin1");
    const ones = Buffer.from(Uint16Array.from(gradient, () => 0x3c00).buffer);
    const { run } = await readRun(await changed({ "gradient.npy": Buffer.concat([header, ones]) }));
    expect(run.arrays.gradient).toEqual(gradient.map(() => 1));
  });

  it("reads a run saved without its gradient", async () => {
    const { run } = await readRun(
      await changed({ "gradient.npy": null, "gradient_reference_last.npy": null }),
    );
    expect(run.arrays.gradient).toBeNull();
    expect(run.arrays.gradientReferenceLast).toBeNull();
  });
});

describe("bad run files", () => {
  it("names what is not a run file", async () => {
    expect((await failure(new Uint8Array())).code).toBe("run-file-damaged");
    expect((await failure(new TextEncoder().encode("not a zip at all"))).code).toBe("run-file-damaged");
    expect((await failure(packZip([["a.txt", Uint8Array.of(1)]]))).code).toBe("run-file-not-a-run");
    expect((await failure(await changedInfo((info) => (info["format"] = "other")))).code).toBe(
      "run-file-not-a-run",
    );
  });

  it("refuses a newer version with a clear message", async () => {
    const error = await failure(await changedInfo((info) => (info["version"] = 2)));
    expect(error.code).toBe("run-file-newer");
    expect(error.message).toBe("The run file has version 2; this tool reads version 1.");
  });

  const badFields: [string, (info: Record<string, unknown>) => void][] = [
    ["tokens", (info) => delete info["tokens"]],
    ["tokens[0].id", (info) => ((info["tokens"] as Record<string, unknown>[])[0] = { id: "1" })],
    ["model.layers", (info) => ((info["model"] as Record<string, unknown>)["layers"] = 0)],
    ["image.entry", (info) => ((info["image"] as Record<string, unknown>)["entry"] = "../image.png")],
    ["cells[0]", (info) => ((info["cells"] as unknown[])[0] = [0, 0, 1])],
    ["settings", (info) => ((info["settings"] as Record<string, unknown>)["layers"] = [0, 99])],
    ["settings.textSet", (info) => ((info["settings"] as Record<string, unknown>)["textSet"] = "most")],
    ["timings.decode", (info) => (info["timings"] = { decode: "fast" })],
    ["prompt", (info) => (info["prompt"] = [])],
    ["prompt.tokens[1].span", (info) => (promptToken(info, 1)["span"] = [0, 99])],
    ["prompt.tokens[1].span", (info) => (promptToken(info, 1)["span"] = [1, 1])],
    ["prompt.tokens[0].span", (info) => (promptToken(info, 0)["span"] = [0.5, 1])],
    ["prompt.tokens[0].span", (info) => (promptToken(info, 0)["span"] = "all")],
  ];
  for (const [field, change] of badFields)
    it(`names the wrong field of run.json: ${field}`, async () => {
      const error = await failure(await changedInfo(change));
      expect(error.code).toBe("run-file-damaged");
      expect(error.message).toContain(`in its run.json, ${field} should be `);
    });

  it("reads runs of older versions, whose prompt tokens have no spans", async () => {
    const { run } = await readRun(await changedInfo((info) => delete promptToken(info, 0)["span"]));
    expect(run.info.prompt.tokens[0]).not.toHaveProperty("span");
  });

  it("takes nothing but the known fields", async () => {
    const { run } = await readRun(await changedInfo((info) => Object.assign(info, { script: "alert(1)" })));
    expect(run.info).toEqual(SAMPLE.run.info);
  });

  const { shape } = arraySpecs(SAMPLE.run.info).lens_logit;
  const longer = [(shape[0] ?? 0) + 1, shape[1] ?? 0];
  const badEntries: [string, string, Uint8Array | null][] = [
    ["run.json is not JSON", "run.json", new TextEncoder().encode("{")],
    ["lens_logit.npy is missing", "lens_logit.npy", null],
    [
      "lens_logit.npy has shape",
      "lens_logit.npy",
      encodeNpy("<f4", longer, new Float32Array((longer[0] ?? 0) * (longer[1] ?? 0))),
    ],
    [
      "lens_logit.npy has the wrong number type",
      "lens_logit.npy",
      encodeNpy("<i4", shape, new Int32Array(shape.reduce((a, b) => a * b))),
    ],
    ["lens_logit.npy cannot be read", "lens_logit.npy", Uint8Array.of(1, 2, 3)],
    ["lens_logit.npy has 200000 bytes", "lens_logit.npy", new Uint8Array(200_000)],
    [
      "image_positions.npy is not an ascending",
      "image_positions.npy",
      encodeNpy(
        "<i4",
        [SAMPLE.run.info.cells.length],
        SAMPLE.run.arrays.imagePositions.map(() => 999),
      ),
    ],
    ["image.png is missing", "image.png", null],
    ['"extra.npy" does not belong', "extra.npy", Uint8Array.of(1)],
  ];
  for (const [what, entry, bytes] of badEntries)
    it(`names the bad entry: ${what}`, async () => {
      const name = entry === "image.png" ? SAMPLE.run.info.image.entry : entry;
      const error = await failure(await changed({ [name]: bytes }));
      expect(error.code).toBe("run-file-damaged");
      expect(error.message).toContain(what.replace("image.png", name));
    });

  it("does not unpack a bomb", async () => {
    const bomb = packZip([["run.json", Buffer.alloc(60 * 1024 * 1024, 32)]], { deflate: true });
    expect((await failure(bomb)).message).toContain("run.json claims to unpack to 62914560 bytes");
  });

  it("gives up on an entry that unpacks to more than it says", async () => {
    const lying = packZip([["run.json", Buffer.alloc(3 * 1024 * 1024, 32)]], {
      deflate: true,
      claimedSize: 1000,
    });
    expect((await failure(lying)).message).toContain("run.json cannot be unpacked");
  });

  it("is never read wrongly when a byte is changed or the end is cut", async () => {
    const whole = await write(SAMPLE);
    const directory = Buffer.from(whole).indexOf("PK\x01\x02", 0, "latin1");
    // Half of the changes hit the directory, where one byte can hide or move an entry.
    const place = fc.oneof(
      fc.nat({ max: whole.length - 1 }),
      fc.integer({ min: directory, max: whole.length - 1 }),
    );
    await fc.assert(
      fc.asyncProperty(place, fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        await expectWholeOrRefused(whole.map((byte, index) => (index === at ? byte ^ flip : byte)));
        await expectWholeOrRefused(whole.subarray(0, at));
      }),
      { numRuns: 150 },
    );
  });
});

async function expectWholeOrRefused(bytes: Uint8Array): Promise<void> {
  const result: unknown = await readRun(bytes).catch((error: unknown) => error);
  if (result instanceof DexarError) expect(result.code).toMatch(/^run-file-/);
  else expect(result).toEqual(SAMPLE);
}
