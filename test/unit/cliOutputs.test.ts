import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findImages } from "../../src/cli/findImages.js";
import { planOutputs } from "../../src/cli/outputs/planOutputs.js";
import { writeFileAtomically } from "../../src/runtime/files/writeFileAtomically.js";
import { containing } from "../helpers/matchers.js";

let folder: string;
const at = (...names: string[]): string => path.join(folder, ...names);

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "dexar-outputs-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("planOutputs", () => {
  it("takes files for one image", async () => {
    const [plan] = await planOutputs([at("cat.png")], {
      out: at("a.dexar"),
      png: at("b.png"),
      html: at("c.html"),
      svg: at("d.svg"),
    });
    expect(plan).toEqual({
      run: at("a.dexar"),
      strip: at("b.png"),
      tokenPicture: null,
      figure: at("d.svg"),
      tokenFigure: null,
      html: at("c.html"),
    });
  });

  it("names files in folders after the images, apart where two share a name", async () => {
    const images = [at("a", "cat.png"), at("b", "cat.jpg"), at("b", "dog.jpg")];
    const plans = await planOutputs(images, { out: folder, png: folder, svg: folder });
    expect(plans.map((plan) => plan.run)).toEqual([at("cat.dexar"), at("cat-2.dexar"), at("dog.dexar")]);
    expect(plans[0]?.strip).toBe(at("cat.dexar.png"));
    expect(plans[1]?.tokenPicture?.("token-03-cat.png")).toBe(at("cat-2.token-03-cat.png"));
    expect(plans[1]?.figure).toBe(at("cat-2.dexar.svg"));
    expect(plans[2]?.tokenFigure?.("token-03-cat.svg")).toBe(at("dog.token-03-cat.svg"));
    expect(plans[0]?.html).toBeNull();
  });

  it("leaves nothing behind", async () => {
    await planOutputs([at("cat.png")], { out: folder, png: at("b.png") });
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([
    ["a missing folder", { out: "no/such/run.dexar" }, "output-folder-missing"],
    ["a missing folder given as one", { out: "no/" }, "output-folder-missing"],
    ["a name that is neither", { png: "pictures" }, "output-folder-missing"],
    ["another kind of file", { out: "run.zip" }, "output-extension"],
    ["an existing other file", { png: "notes.txt" }, "output-extension"],
    ["a drawing that is no SVG", { svg: "drawing.png" }, "output-extension"],
    ["a picture that is the input", { png: "cat.png" }, "output-is-input"],
  ])("refuses %s", async (_, options, code) => {
    writeFileSync(at("notes.txt"), "mine");
    writeFileSync(at("cat.png"), "mine");
    const [[flag, value] = ["", ""]] = Object.entries(options);
    const full = value.endsWith("/") ? `${at(value)}/` : at(value);
    await expect(planOutputs([at("cat.png")], { [flag]: full })).rejects.toMatchObject({ code });
    expect(readFileSync(at("notes.txt"), "utf8")).toBe("mine");
  });

  it("refuses one file for several images", async () => {
    await expect(planOutputs([at("a.png"), at("b.png")], { out: at("run.dexar") })).rejects.toMatchObject({
      code: "output-needs-folder",
    });
  });

  it("refuses a place where nothing can be written", async () => {
    // A device's folder refuses new files even to root, whom permission bits do not stop.
    const closed = process.platform === "linux" ? "/proc" : "/";
    await expect(planOutputs([at("a.png")], { out: path.join(closed, "run.dexar") })).rejects.toMatchObject({
      code: "output-not-writable",
      message: containing("--out"),
    });
  });

  it("refuses a folder in a file's place", async () => {
    mkdirSync(at("run.dexar"));
    const [plan] = await planOutputs([at("cat.png")], { out: at("run.dexar") });
    expect(plan?.run).toBe(at("run.dexar", "cat.dexar"));
    await expect(planOutputs([at("cat.png")], { out: at("cat.png", "run.dexar") })).rejects.toMatchObject({
      code: "output-folder-missing",
    });
  });
});

describe("writeFileAtomically", () => {
  it("replaces a file and leaves no temporary one", async () => {
    writeFileSync(at("x"), "old");
    await writeFileAtomically(at("x"), "new");
    expect(readFileSync(at("x"), "utf8")).toBe("new");
    expect(readdirSync(folder)).toEqual(["x"]);
  });

  it("keeps what was there when it fails", async () => {
    mkdirSync(at("x"));
    writeFileSync(at("x", "inside"), "kept");
    await expect(writeFileAtomically(at("x"), "new")).rejects.toMatchObject({ code: "output-write-failed" });
    expect(readdirSync(folder)).toEqual(["x"]);
    expect(readFileSync(at("x", "inside"), "utf8")).toBe("kept");
  });
});

describe("findImages", () => {
  it("takes files as they are and folders by their image files, sorted", async () => {
    mkdirSync(at("inner"));
    for (const name of ["b.JPG", "a.png", "notes.txt", "inner/c.png"]) writeFileSync(at(name), "");
    const found = await findImages([at("notes.txt"), folder]);
    expect(found.map((image) => image.path)).toEqual([at("notes.txt"), at("a.png"), at("b.JPG")]);
    expect(found.every((image) => image.problem === null)).toBe(true);
  });

  it("reports what is missing and folders without images, and keeps the others", async () => {
    mkdirSync(at("empty"));
    writeFileSync(at("a.png"), "");
    const found = await findImages([at("gone.png"), at("empty"), at("a.png")]);
    expect(found.map((image) => image.problem?.code ?? null)).toEqual(["image-not-found", "no-images", null]);
  });
});
