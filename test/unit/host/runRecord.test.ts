import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { formatRecord, parseRecord } from "../../../src/host/runs/runRecord.js";
import type { RunEntry } from "../../../src/host/services.js";
import { fake, Uri } from "../../helpers/fakeVscode.js";
import { sampleRun } from "../../helpers/sampleRun.js";

const { info } = await sampleRun({ columns: 2, rows: 2, answer: ["a"] });

const span = fc.tuple(fc.nat(), fc.nat()).map(([from, length]) => [from, from + length] as const);
const path = fc.string({ unit: "grapheme", minLength: 1 }).map((name) => `/folder/${name}`);
const source = fc.record({ uri: path.map((place) => Uri.file(place)), version: fc.nat(), span });
const entry: fc.Arbitrary<RunEntry> = fc
  .record({
    name: fc.option(fc.string({ unit: "grapheme" })),
    image: path.map((place) => Uri.file(place)),
    runPath: path,
    picturePath: path,
    bytes: fc.nat(),
    digestPath: fc.option(path, { nil: undefined }),
    pinned: fc.constantFrom(true, undefined),
    source: fc.option(source, { nil: undefined }),
  })
  .map(({ name, image, runPath, picturePath, bytes, digestPath, pinned, source: from }) => ({
    id: "one",
    name,
    image,
    saved: { info, runPath, picturePath, bytes, ...(digestPath !== undefined && { digestPath }) },
    ...(pinned && { pinned }),
    ...(from && { source: from }),
  }));

/** With addresses as texts: they keep what they have worked out so far. */
const plain = ({ image, source: from, ...rest }: RunEntry) => ({
  ...rest,
  image: image.toString(),
  source: from && { ...from, uri: from.uri.toString() },
});

beforeEach(() => fake.reset());

describe("the record of a run", () => {
  it("is read back as it was, whatever names and places it has", () => {
    fc.assert(
      fc.property(entry, (run) => {
        expect(plain(parseRecord(formatRecord(run), "one"))).toEqual(plain(run));
      }),
      { numRuns: 200 },
    );
  });

  it("of an older version has no pin, no source and no digest", () => {
    const saved = { info, runPath: "/a.dexar", picturePath: "/a.png", bytes: 7 };
    const old = JSON.stringify({ version: 1, name: null, image: "file:///cat.png", ...saved });
    const run = parseRecord(old, "one");
    expect(run.saved).toEqual(saved);
    expect(Object.keys(run).sort()).toEqual(["id", "image", "name", "saved"]);
  });

  it("is refused, never half read, when it is cut off or of another kind", () => {
    const text = formatRecord({
      id: "one",
      name: "mine",
      image: Uri.file("/cat.png"),
      saved: { info, runPath: "/a.dexar", picturePath: "/a.png", bytes: 7 },
    });
    fc.assert(
      fc.property(fc.nat(text.length - 1), (length) => {
        expect(() => parseRecord(text.slice(0, length), "one")).toThrow();
      }),
    );
    fc.assert(
      fc.property(
        fc.constantFrom("version", "name", "image", "runPath", "picturePath", "bytes", "info"),
        fc.anything({ withBigInt: false }).filter((value) => typeof value === "object" && value !== null),
        (field, value) => {
          const spoiled = JSON.stringify({ ...(JSON.parse(text) as object), [field]: value });
          expect(() => parseRecord(spoiled, "one")).toThrow();
        },
      ),
    );
  });
});
