import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatNotebook } from "../../../src/core/notebook/formatNotebook.js";
import { parseNotebook } from "../../../src/core/notebook/parseNotebook.js";
import { arbitraryCell, arbitraryNotebook } from "../../helpers/arbitraryNotebook.js";
import { thrownBy } from "../../helpers/thrownBy.js";

const version1 = readFileSync("test/fixtures/notebooks/version1.vlmnb", "utf8");

/** The message for a text that is no notebook. */
function refusal(text: string): string {
  const { code, message, nextStep } = thrownBy(() => parseNotebook(text));
  expect(nextStep).not.toBe("");
  return `${code}: ${message}`;
}

/** How many cells are read; null: the text is refused. */
function cellsOf(text: string): number | null {
  try {
    return parseNotebook(text).cells.length;
  } catch {
    return null;
  }
}

/** How many cells there are by JSON's own rules. */
function countCells(text: string): number {
  const json = text.replace(/^\uFEFF/, "").trim();
  return json === "" ? 0 : (JSON.parse(json) as { cells: unknown[] }).cells.length;
}

describe("a notebook file", () => {
  it("gives back every notebook: unknown fields at every level, any text, all cells", () => {
    fc.assert(
      fc.property(arbitraryNotebook, (notebook) => {
        expect(parseNotebook(formatNotebook(notebook))).toEqual(notebook);
      }),
      { numRuns: 300 },
    );
  });

  it("is the same text when it is read and written again", () => {
    fc.assert(
      fc.property(arbitraryNotebook, (notebook) => {
        const text = formatNotebook(notebook);
        expect(formatNotebook(parseNotebook(text))).toBe(text);
      }),
      { numRuns: 300 },
    );
  });

  it("survives the disk: its text is Unicode even where a cell's is not", () => {
    fc.assert(
      fc.property(arbitraryCell, (cell) => {
        const bytes = new TextEncoder().encode(formatNotebook({ metadata: {}, cells: [cell], unknown: [] }));
        const read = parseNotebook(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
        expect(read.cells[0]?.source).toBe(cell.source);
      }),
    );
  });

  it("of version 1 is read, and written as it was", () => {
    const notebook = parseNotebook(version1);
    expect(formatNotebook(notebook)).toBe(version1);
    expect(notebook.metadata).toMatchObject({ model: "emoji-llava", image: "pictures/cat.png" });
    expect(notebook.cells.map(({ kind }) => kind)).toEqual(["markdown", "prompt", "prompt"]);
    expect(notebook.cells[1]).toMatchObject({
      source: "---\nimage: dog.png\n---\nwhat is this?",
      execution: { order: 1, start: Date.UTC(2026, 0, 31, 12), duration: 1234, success: true },
      unknown: [{ after: "source", key: "colour", value: "green" }],
    });
    expect(notebook.cells[1]?.outputs[0]?.items.map(({ mime, encoding }) => [mime, encoding])).toEqual([
      ["application/vnd.dexar.run+json", "json"],
      ["text/plain", "text"],
      ["image/png", "base64"],
    ]);
  });

  it("changes in one line when a line of a cell changes", () => {
    const notebook = parseNotebook(version1);
    const cells = notebook.cells.map((cell) => ({
      ...cell,
      source: cell.source.replace("what is", "who is"),
    }));
    const [before, after] = [version1, formatNotebook({ ...notebook, cells })].map((text) =>
      text.split("\n"),
    );
    expect(after?.length).toBe(before?.length);
    expect(after?.filter((line, index) => line !== before?.[index])).toEqual(['        "who is this?"']);
  });

  it("keeps an unknown field when its neighbour is gone, behind the field before", () => {
    const text = version1.replace(/,\n\s+"execution": \{[^}]*\}/, (run) => `${run},\n      "after": 1`);
    const notebook = parseNotebook(text);
    const cells = notebook.cells.map((cell) => ({ ...cell, execution: null }));
    const written = JSON.parse(formatNotebook({ ...notebook, cells })) as { cells: object[] };
    expect(Object.keys(written.cells[1] ?? {})).toEqual([
      "kind",
      "source",
      "colour",
      "metadata",
      "after",
      "outputs",
    ]);
  });

  it("written by hand may have plain texts, other spaces and a byte order mark", () => {
    const text = `\uFEFF{"cells":[{"source":"a\\nb","kind":"prompt"}], "version":1,"format":"dexar-notebook"}`;
    expect(formatNotebook(parseNotebook(text))).toBe(
      formatNotebook({
        metadata: {},
        cells: [
          {
            id: null,
            kind: "prompt",
            source: "a\nb",
            metadata: {},
            execution: null,
            outputs: [],
            unknown: [],
          },
        ],
        unknown: [],
      }),
    );
  });

  it("that is empty is an empty notebook", () => {
    for (const text of ["", "\n", "\uFEFF \r\n"])
      expect(parseNotebook(text)).toEqual({ metadata: {}, cells: [], unknown: [] });
  });
});

describe("a damaged notebook file", () => {
  it.each([
    [version1.replace('"kind": "markdown",', '"kind": "markdown"'), "line 16"],
    [version1.slice(0, version1.indexOf('"what is')), "line 28: the file ends where value should stand"],
    [version1.replace('  "cells"', '<<<<<<< HEAD\n  "cells"'), "line 12: <<<<<<< HEAD stands where key"],
    [version1.replace('"dog.png"', '"dog\tpng"'), "line 44"],
    [version1.replace('"id": "intro",', '"source": ["lost"],'), 'line 16: "source" is there twice'],
    [version1.replace('"author": "somebody else\'s tool"', '"cells": []'), 'line 12: "cells" is there twice'],
    [version1 + "{}", "line 62: { stands where the end should stand"],
    [version1.replace(/"metadata": \{\n\s+"image"/, '"deep": ' + "[".repeat(300)), "more than 200 levels"],
    ["\u0000\u0001", "line 1"],
    ["[]", "the whole is not an object"],
    ["null", "the whole is not an object"],
    [version1.replace("dexar-notebook", "jupyter"), 'does not say "format": "dexar-notebook"'],
    [version1.replace('"version": 1', '"version": "1"'), "its version is not a number from 1"],
    [version1.replace('"version": 1', '"version": 0'), "its version is not a number from 1"],
    [version1.replace('"markdown"', '"code"'), "cell 1, kind is neither prompt nor markdown"],
    [version1.replace('"kind": "markdown",', ""), "cell 1, kind is neither"],
    [version1.replace('"what is this?"', "7"), "cell 2, source is not a list of lines"],
    [version1.replace('"order": 1', '"order": -1'), "cell 2, execution.order is not a number from 0"],
    [version1.replace('"duration": 1234', '"duration": 1e999'), "cell 2, execution.duration is not a number"],
    [version1.replace("2026-01-31T", "yesterday"), "cell 2, execution.start is not a time"],
    [version1.replace("iVBORw0KGgo=", "iVBORw0KGgo"), "cell 2, output 1, image/png is not base64"],
    [version1.replace(/"cells": \[[^]*\n {2}\]/, '"cells": {}'), "cells is not a list"],
  ])("is refused with the place (%#)", (text, place) => {
    expect(text).not.toBe(version1);
    const message = refusal(text);
    expect(message).toMatch(/^notebook-damaged: The notebook is damaged: .* The file is as it was\.$/);
    expect(message).toContain(place);
  });

  it("of a newer version is refused", () => {
    expect(refusal(version1.replace('"version": 1', '"version": 2'))).toBe(
      "notebook-newer: The notebook has version 2; this version of DEX-AR reads version 1. The file is as it was.",
    );
  });

  it("never throws anything else, and is never read as something with fewer cells", () => {
    const damage = fc.record({
      at: fc.nat(version1.length),
      length: fc.nat(40),
      insert: fc.oneof(
        fc.string({ unit: "binary", maxLength: 4 }),
        fc.constantFrom("{", "}", "[", "]", ",", '"', "\n"),
      ),
    });
    fc.assert(
      fc.property(arbitraryNotebook, damage, fc.boolean(), (notebook, { at, length, insert }, fixture) => {
        const whole = fixture ? version1 : formatNotebook(notebook);
        const start = at % whole.length;
        const text = whole.slice(0, start) + insert + whole.slice(start + length);
        const cells = cellsOf(text);
        if (cells === null) expect(refusal(text)).toMatch(/^notebook-(damaged|newer): /);
        else expect(cells).toBe(countCells(text));
      }),
      { numRuns: 500 },
    );
  });
});
