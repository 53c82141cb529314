import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { codeOf } from "../../helpers/thrownBy.js";
import { fakeServices } from "../../helpers/fakeServices.js";
import {
  fake,
  FakeNotebook,
  NotebookCellData,
  NotebookCellOutput,
  NotebookCellOutputItem,
  NotebookData,
  Uri,
  type Shown,
} from "../../helpers/fakeVscode.js";
import { addSampleRun, makeRuns, temporaryFolder } from "../../helpers/hostServices.js";
import type { StoredRuns } from "../../../src/host/runs/storedRuns.js";
import type { Services } from "../../../src/host/services.js";
import { notebookCommands } from "../../../src/host/notebook/notebookCommands.js";
import { outputItems } from "../../../src/host/notebook/outputItems.js";

let folder: ReturnType<typeof temporaryFolder>;
let runs: StoredRuns;
let asked: (readonly unknown[])[];
let call: (name: string, ...args: readonly unknown[]) => Promise<unknown>;

beforeEach(() => {
  fake.reset();
  folder = temporaryFolder();
  runs = makeRuns(folder.folder);
  const { services, asked: notes } = fakeServices();
  asked = notes;
  const all = {
    ...services,
    runs,
    models: {
      list: async () => [
        { name: "emoji-llava", dir: "/ext/models/emoji-llava" },
        { name: "twin", dir: "/a/twin" },
        { name: "twin", dir: "/b/twin" },
      ],
    },
  } as unknown as Services;
  const table = notebookCommands(() => all, Uri.file(folder.folder));
  call = async (name, ...args) => table[`dexar.notebook.${name}`]?.(...args);
});

afterEach(() => folder.remove());

/** A notebook in front, one prompt cell for each list of runs. */
async function open(
  cells: readonly (readonly string[])[],
  uri = Uri.file(`${folder.folder}/notes.vlmnb`),
  title?: string,
) {
  const first = title === undefined ? [] : [new NotebookCellData(1, title, "markdown")];
  const data = await Promise.all(
    cells.map(async (ids) => {
      const cell = new NotebookCellData(2, "what is this?", "vlm-prompt");
      cell.outputs = await Promise.all(ids.map((id) => outputOf(id)));
      return cell;
    }),
  );
  const notebook = new FakeNotebook(uri, new NotebookData([...first, ...data]));
  fake.notebooks.push(notebook);
  fake.activeNotebook = notebook;
  return notebook;
}

/** The output of a run that is kept. */
async function outputOf(id: string): Promise<NotebookCellOutput> {
  await addSampleRun(runs, id, { image: `/pictures/${id}.png` });
  const items = (await outputItems(await runs.readDigest(id), id)) as unknown as NotebookCellOutputItem[];
  return new NotebookCellOutput(items);
}

const said = (): string[] => fake.shown.map(({ text }) => text);

describe("a new notebook", () => {
  it("opens without a file, with the question of the settings", async () => {
    fake.userSettings.set("dexar.prompt", "what do you see?");
    await call("new");
    expect(fake.activeNotebook?.uri.toString()).toBe("untitled:Untitled-1.vlmnb");
    expect(
      fake.activeNotebook?.cells.map(({ kind, document }) => [kind, document.languageId, document.text]),
    ).toEqual([[2, "vlm-prompt", "what do you see?"]]);
  });
});

describe("the notebook's picture and model", () => {
  const choose = async (image: string, notebook: FakeNotebook): Promise<unknown> => {
    fake.folders = [{ uri: Uri.file("/project") }];
    fake.foundFiles = [Uri.file(image)];
    fake.answers = [({ choices }: Shown) => choices.find((item) => (item as { image?: unknown }).image)];
    await call("setImage", { notebookEditor: { notebookUri: notebook.uri } });
    return (notebook.metadata as { metadata?: { image?: unknown } }).metadata?.image;
  };

  it("is written relative to the notebook when it lies near, else as a whole path", async () => {
    const notebook = await open([[]], Uri.file("/project/notes/a.vlmnb"));
    expect(await choose("/project/notes/cat.png", notebook)).toBe("cat.png");
    expect(await choose("/project/notes/pictures/cat.png", notebook)).toBe("pictures/cat.png");
    expect(await choose("/project/pictures/cat.png", notebook)).toBe("../pictures/cat.png");
    expect(await choose("/elsewhere/cat.png", notebook)).toBe("/elsewhere/cat.png");
  });

  it("may be several; what else the metadata holds stays", async () => {
    const notebook = await open([[]]);
    notebook.metadata = {
      metadata: { author: "me", image: "old.png" },
      unknown: [{ after: null, key: "x", value: 1 }],
    };
    fake.answers = [[Uri.file(`${folder.folder}/a.png`), Uri.file(`${folder.folder}/b.png`)]];
    await call("setImage");
    expect(notebook.metadata).toEqual({
      metadata: { author: "me", images: ["a.png", "b.png"] },
      unknown: [{ after: null, key: "x", value: 1 }],
    });
  });

  it("is a known model by name, or by folder when two have that name, or that of the settings", async () => {
    const notebook = await open([[]]);
    const model = async (index: number): Promise<unknown> => {
      fake.answers = [({ choices }: Shown) => choices[index]];
      await call("setModel");
      return notebook.metadata["metadata"];
    };
    expect(await model(1)).toEqual({ model: "emoji-llava" });
    expect(await model(3)).toEqual({ model: "/b/twin" });
    expect(await model(0)).toEqual({});
  });

  it("stays when the user changes their mind", async () => {
    const notebook = await open([[]]);
    notebook.metadata = { metadata: { image: "cat.png" } };
    await call("setImage");
    await call("setModel");
    expect(notebook.metadata).toEqual({ metadata: { image: "cat.png" } });
  });

  it("needs a notebook", async () => {
    expect(await codeOf(call("setImage"))).toBe("no-notebook");
  });
});

describe("Open in Panel", () => {
  it("shows the cell's run, and asks which when there are several", async () => {
    const notebook = await open([["a"], ["b", "c"]]);
    await call("openInPanel", notebook.cells[0]);
    fake.answers = [({ choices }: Shown) => choices[1]];
    await call("openInPanel", notebook.cells[1]);
    expect(asked).toEqual([
      ["openRun", "a"],
      ["openRun", "c"],
    ]);
  });

  it("says so when the cell was not run, or its run is no longer kept", async () => {
    const notebook = await open([[], ["a"]]);
    expect(await codeOf(call("openInPanel", notebook.cells[0]))).toBe("no-output");
    await runs.delete("a");
    expect(await codeOf(call("openInPanel", notebook.cells[1]))).toBe("run-missing");
  });
});

describe("exporting the runs", () => {
  it("writes a file for each, numbered by cell, and names those that are gone", async () => {
    await open([[], ["a"], ["b", "c"]]);
    await runs.delete("b");
    const target = path.join(folder.folder, "target");
    mkdirSync(target);
    fake.answers = [[Uri.file(target)]];
    await call("exportRuns");
    expect(readdirSync(target).sort()).toEqual(["02-sample.dexar", "03-2-sample.dexar"]);
    expect(new Uint8Array(readFileSync(path.join(target, "02-sample.dexar")))).toEqual(
      (await runs.read("a")).file,
    );
    expect(said().at(-1)).toBe(
      "Saved 2 run files in target. These runs are no longer kept and have no file: 03-1-sample.dexar. Run their cells again.",
    );
  });

  it("asks before it replaces files", async () => {
    await open([["a"]]);
    const target = path.join(folder.folder, "target");
    mkdirSync(target);
    writeFileSync(path.join(target, "01-sample.dexar"), "mine");
    const content = (): string => readFileSync(path.join(target, "01-sample.dexar"), "utf8");
    fake.answers = [[Uri.file(target)]];
    await call("exportRuns");
    expect(said().at(-1)).toBe("1 of the files is there already. Replace it?");
    expect(content()).toBe("mine");
    fake.answers = [[Uri.file(target)], "Replace"];
    await call("exportRuns");
    expect(content()).not.toBe("mine");
  });

  it("says so when there is nothing to write", async () => {
    await open([[]]);
    await call("exportRuns");
    expect(said()).toEqual(["This notebook shows no runs yet: run its cells first."]);
  });
});

describe("exporting the page", () => {
  const target = (): string => path.join(folder.folder, "page.html");

  it("writes one file, beside the notebook and named after it", async () => {
    mkdirSync(path.join(folder.folder, "dist"));
    writeFileSync(path.join(folder.folder, "dist/renderer.js"), "export const activate = 1;");
    writeFileSync(path.join(folder.folder, "dist/panel.css"), ":root{--vscode-foreground:red}.x{color:blue}");
    const notebook = await open([["a"]], undefined, "Title");
    notebook.cells[1]?.outputs.push(
      new NotebookCellOutput([
        NotebookCellOutputItem.error(Object.assign(new Error("no <cat>"), { name: "code" })),
      ]),
    );
    fake.commands.set("markdown.api.render", (text) => `<h1>${String(text)}</h1>`);
    fake.answers = [Uri.file(target())];
    await call("exportHtml");
    const page = readFileSync(target(), "utf8");
    expect((fake.shown[0]?.options as { defaultUri: { path: string } }).defaultUri.path).toBe(
      `${folder.folder}/notes.html`,
    );
    expect(page).toContain("<h1>Title</h1>");
    expect(page).toContain("what is this?");
    expect(page).toContain("code: no &lt;cat&gt;");
    expect(page).toContain('id="run-1"');
    expect(page).toContain(":root{--vscode-foreground:red}");
    expect(page).not.toContain("color:blue");
    expect(said().at(-1)).toBe("Saved page.html.");
  });

  it("says what to do when the extension is not whole", async () => {
    await open([["a"]]);
    expect(await codeOf(call("exportHtml"))).toBe("report-assets-missing");
  });
});
