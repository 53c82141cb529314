import { readFileSync } from "node:fs";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import type * as vscode from "vscode";
import { formatNotebook } from "../../../src/core/notebook/formatNotebook.js";
import type { Notebook } from "../../../src/core/notebook/types.js";
import { registerNotebook } from "../../../src/host/notebook/index.js";
import { NotebookSerializer } from "../../../src/host/notebook/notebookSerializer.js";
import { arbitraryNotebook } from "../../helpers/arbitraryNotebook.js";
import {
  fake,
  FakeNotebook,
  NotebookCellData,
  NotebookCellOutput,
  NotebookCellOutputItem,
  NotebookData,
  Uri,
} from "../../helpers/fakeVscode.js";
import { thrownBy } from "../../helpers/thrownBy.js";

const version1 = readFileSync("test/fixtures/notebooks/version1.vlmnb");
const serializer = new NotebookSerializer(() => true);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (content: Uint8Array): string => new TextDecoder("utf-8", { fatal: true }).decode(content);

/** As the editor does: the serializer's data become a document, and the document becomes data again. */
function throughEditor(data: vscode.NotebookData): vscode.NotebookData {
  const document = new FakeNotebook(Uri.file("/a.vlmnb"), data);
  const cells = document.cells.map((cell, index) => {
    const copy = new NotebookCellData(cell.kind, cell.document.getText(), cell.document.languageId);
    const metadata = data.cells[index]?.metadata;
    return Object.assign(copy, {
      // The editor sends metadata between its processes as JSON.
      metadata: JSON.parse(JSON.stringify(metadata ?? {})) as Record<string, unknown>,
      outputs: cell.outputs,
      executionSummary: cell.executionSummary,
    });
  });
  const copy = new NotebookData(cells);
  copy.metadata = document.metadata;
  return copy as unknown as vscode.NotebookData;
}

/** An execution that says nothing is none for the editor. */
function withoutEmptyRuns(notebook: Notebook): Notebook {
  const says = ({ execution }: Notebook["cells"][number]): boolean => {
    const { unknown, ...known } = execution ?? { unknown: [] };
    return unknown.length > 0 || Object.values(known).some((value) => value !== null);
  };
  return {
    ...notebook,
    cells: notebook.cells.map((cell) => ({ ...cell, execution: says(cell) ? cell.execution : null })),
  };
}

beforeEach(() => fake.reset());

describe("the notebook serializer", () => {
  it("loses nothing between file and editor: unknown fields, outputs, times, any text", () => {
    fc.assert(
      fc.property(arbitraryNotebook, (notebook) => {
        const file = formatNotebook(withoutEmptyRuns(notebook));
        const data = throughEditor(serializer.deserializeNotebook(bytes(file)));
        expect(text(serializer.serializeNotebook(data))).toBe(file);
      }),
      { numRuns: 200 },
    );
  });

  it("gives the editor prompt cells in their language, Markdown cells, order and times", () => {
    const { cells, metadata } = serializer.deserializeNotebook(version1);
    expect(cells.map(({ kind, languageId }) => [kind, languageId])).toEqual([
      [1, "markdown"],
      [2, "vlm-prompt"],
      [2, "vlm-prompt"],
    ]);
    const start = Date.UTC(2026, 0, 31, 12);
    expect(cells[1]?.executionSummary).toEqual({
      executionOrder: 1,
      success: true,
      timing: { startTime: start, endTime: start + 1234 },
    });
    expect(metadata).toMatchObject({ metadata: { model: "emoji-llava", image: "pictures/cat.png" } });
    expect(text(serializer.serializeNotebook(throughEditor({ cells, ...(metadata && { metadata }) })))).toBe(
      text(version1),
    );
  });

  it("keeps bytes that are not what their media type says", () => {
    const cell = new NotebookCellData(2, "x", "vlm-prompt");
    const items = [
      new NotebookCellOutputItem(Uint8Array.of(0xff, 0xfe), "text/plain"),
      NotebookCellOutputItem.text("{broken", "application/json"),
      new NotebookCellOutputItem(Uint8Array.of(1, 2, 3), "image/png"),
    ];
    cell.outputs = [new NotebookCellOutput(items)];
    const saved = serializer.serializeNotebook(new NotebookData([cell]) as unknown as vscode.NotebookData);
    const [read] = serializer.deserializeNotebook(saved).cells;
    expect(read?.outputs?.[0]?.items.map(({ mime, data }) => [mime, [...data]])).toEqual(
      items.map(({ mime, data }) => [mime, [...data]]),
    );
  });

  it("writes what the editor adds itself: a new cell, and other extensions' metadata do no harm", () => {
    const cell = new NotebookCellData(2, "new", "vlm-prompt");
    cell.metadata = { unknown: "not ours", metadata: 3, id: 7 };
    const data = new NotebookData([cell, new NotebookCellData(1, "", "markdown")]);
    expect(JSON.parse(text(serializer.serializeNotebook(data as unknown as vscode.NotebookData)))).toEqual({
      format: "dexar-notebook",
      version: 1,
      cells: [
        { kind: "prompt", source: ["new"] },
        { kind: "markdown", source: [] },
      ],
    });
  });

  it("reads an empty file as an empty notebook", () => {
    expect(serializer.deserializeNotebook(new Uint8Array()).cells).toEqual([]);
  });

  it("refuses what it cannot read in words that say what to do", () => {
    const cases = [
      [bytes(text(version1).replace('"kind": "markdown",', "")), "cell 1, kind", "text editor"],
      [bytes(text(version1).slice(0, 300)), "line 17", "text editor"],
      [bytes(text(version1).replace('"version": 1', '"version": 9')), "version 9", "Update DEX-AR"],
      [Uint8Array.of(0x7b, 0xff, 0x7d), "not UTF-8", "text editor"],
    ] as const;
    for (const [content, place, next] of cases) {
      const { message } = thrownBy(() => serializer.deserializeNotebook(content));
      expect(message).toContain(place);
      expect(message).toContain(next);
    }
  });
});

describe("dexar.notebook.saveOutputs", () => {
  const register = (): unknown => {
    const context = { subscriptions: [] } as unknown as vscode.ExtensionContext;
    registerNotebook(context, () => {
      throw new Error("registering made the runner");
    });
    return fake.notebookSerializers.get("dexar.notebook")?.[1];
  };

  it("leaves what cells answered out of the file, and only that", () => {
    const data = serializer.deserializeNotebook(version1);
    const saved = JSON.parse(text(new NotebookSerializer(() => false).serializeNotebook(data))) as {
      cells: Record<string, unknown>[];
    };
    const whole = JSON.parse(text(version1)) as { cells: Record<string, unknown>[] };
    expect(saved).toEqual({
      ...whole,
      cells: whole.cells.map(({ outputs: _outputs, execution: _execution, ...cell }) => cell),
    });
  });

  it("tells the editor whether outputs are part of the file", () => {
    expect(register()).toEqual({ transientOutputs: false });
    fake.reset();
    fake.userSettings.set("dexar.notebook.saveOutputs", false);
    expect(register()).toEqual({ transientOutputs: true });
  });

  it("offers the reload that saving outputs again needs", async () => {
    fake.userSettings.set("dexar.notebook.saveOutputs", false);
    register();
    fake.answers = ["Reload Window"];
    fake.set("dexar.notebook.saveOutputs", true);
    await new Promise((resolve) => setImmediate(resolve));
    expect(fake.shown.map(({ text: said }) => said)).toEqual([
      "Outputs of notebooks are saved once the window is reloaded.",
    ]);
    expect(fake.calls).toContainEqual(["workbench.action.reloadWindow"]);
  });
});
