import { randomUUID } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { StoredRuns } from "../../../src/host/runs/storedRuns.js";
import { fake, Uri } from "../../helpers/fakeVscode.js";
import { addSampleRun, makeRuns, temporaryFolder } from "../../helpers/hostServices.js";
import { codeOf } from "../../helpers/thrownBy.js";

let files: ReturnType<typeof temporaryFolder>;
let runs: StoredRuns;

beforeEach(() => {
  fake.reset();
  files = temporaryFolder();
  runs = makeRuns(files.folder);
});

afterEach(() => files.remove());

const ids = (store: StoredRuns) => store.entries.map(({ id }) => id);
const stored = () => readdirSync(path.join(files.folder, "runs")).sort();

async function reloaded(): Promise<StoredRuns> {
  const store = makeRuns(files.folder);
  await store.ready;
  return store;
}

describe("the runs of a workspace", () => {
  it("start without a folder and make one for the first run", async () => {
    await runs.ready;
    expect(runs.entries).toEqual([]);
    await addSampleRun(runs, "one");
    expect(stored()).toEqual(["one.dexar", "one.json", "one.png"]);
  });

  it("are listed newest first and tell of every change", async () => {
    let changes = 0;
    runs.onDidChange(() => changes++);
    await addSampleRun(runs, "one");
    await addSampleRun(runs, "two");
    expect(ids(runs)).toEqual(["two", "one"]);
    expect(changes).toBe(2);
  });

  it("are read as the bytes of their files, each with a buffer of its own", async () => {
    const entry = await addSampleRun(runs, "one");
    const { file, picture, runId, name } = await runs.read("one");
    expect(file).toEqual(new Uint8Array(readFileSync(entry.saved.runPath)));
    expect([file.constructor, picture.bytes.constructor]).toEqual([Uint8Array, Uint8Array]);
    expect([file.buffer.byteLength, picture.bytes.buffer.byteLength]).toEqual([
      file.length,
      picture.bytes.length,
    ]);
    expect({ runId, name, type: picture.type }).toEqual({ runId: "one", name: null, type: "image/png" });
  });

  it("outlive the window, with their names", async () => {
    const entry = await addSampleRun(runs, "one");
    await runs.rename("one", "  my cat ");
    const [again] = (await reloaded()).entries;
    expect(again).toMatchObject({ id: "one", name: "my cat" });
    expect(again?.saved).toEqual(entry.saved);
    expect(again?.image.toString()).toBe(entry.image.toString());
  });

  it("lose a name that is emptied", async () => {
    await addSampleRun(runs, "one");
    await runs.rename("one", "cat");
    await runs.rename("one", " ");
    expect(runs.get("one")?.name).toBeNull();
    expect(await codeOf(runs.rename("nobody", "x"))).toBe("run-missing");
  });

  it("are dropped with a line in the log when their files are gone or damaged", async () => {
    const gone = await addSampleRun(runs, "gone");
    const cut = await addSampleRun(runs, "cut");
    const record = await addSampleRun(runs, "record");
    await addSampleRun(runs, "right");
    rmSync(gone.saved.runPath);
    truncateSync(cut.saved.runPath, 100);
    writeFileSync(record.saved.runPath.replace(".dexar", ".json"), '{"version":1,"name":7}');
    const again = await reloaded();
    expect(ids(again)).toEqual(["right"]);
    for (const id of ["gone", "cut", "record"])
      expect(fake.logs.join("\n")).toContain(`The run ${id} is damaged and is dropped`);
    expect(stored()).toEqual(["right.dexar", "right.json", "right.png"]);
  });

  it("say run-missing for a file that goes while the window is open", async () => {
    const { saved } = await addSampleRun(runs, "one");
    rmSync(saved.runPath);
    expect(await codeOf(runs.read("one"))).toBe("run-missing");
    expect(runs.entries).toEqual([]);
    expect(await codeOf(runs.read("never"))).toBe("run-missing");
  });

  it("make room for new ones: the oldest goes, unless it has a name or is shown", async () => {
    runs = makeRuns(files.folder, 2);
    for (const id of ["named", "shown", "old"]) {
      await addSampleRun(runs, id);
      if (id === "named") await runs.rename("named", "keep me");
      if (id === "shown") runs.setShown(runs, "shown");
    }
    await addSampleRun(runs, "new");
    await addSampleRun(runs, "newest");
    expect(ids(runs)).toEqual(["newest", "new", "shown", "named"]);
    expect(stored().filter((name) => name.startsWith("old"))).toEqual([]);
    runs.setShown(runs, null);
    await addSampleRun(runs, "last");
    expect(ids(runs)).toEqual(["last", "newest", "named"]);
  });

  it("stay when they are pinned, and may go again when not", async () => {
    runs = makeRuns(files.folder, 1);
    await addSampleRun(runs, "pinned");
    await runs.setPinned("pinned", true);
    await addSampleRun(runs, "one");
    await addSampleRun(runs, "two");
    expect(ids(runs)).toEqual(["two", "pinned"]);
    const again = makeRuns(files.folder, 1);
    await again.ready;
    expect(again.get("pinned")?.pinned).toBe(true);
    await again.setPinned("pinned", false);
    await addSampleRun(again, "three");
    expect(ids(again)).toEqual(["three"]);
    expect(await codeOf(again.setPinned("nobody", true))).toBe("run-missing");
  });

  it("go when they are older than the settings allow, unless named, pinned or shown", async () => {
    runs = makeRuns(files.folder, 50, 30);
    const old = "2020-02-03T04:05:06.000Z";
    const kept = makeRuns(files.folder);
    for (const id of ["old", "named", "pinned", "shown"]) await addSampleRun(kept, id, { time: old });
    await addSampleRun(kept, "new", { time: new Date().toISOString() });
    await kept.rename("named", "mine");
    await kept.setPinned("pinned", true);
    runs = makeRuns(files.folder, 50, 30);
    await runs.ready;
    runs.setShown(runs, "shown");
    await addSampleRun(runs, "newest", { time: new Date().toISOString() });
    expect(ids(runs).sort()).toEqual(["named", "new", "newest", "pinned", "shown"]);
  });

  it("follow the file whose words were asked, and the folder around it", async () => {
    const uri = (path: string) => Uri.parse(`file:///folder/${path}`);
    const source = { uri: uri("old/a.vlm.md"), version: 1, span: [0, 4] as const };
    await addSampleRun(runs, "one", { source });
    await addSampleRun(runs, "two", { source: { ...source, uri: uri("older/b.vlm.md") } });
    await runs.moveSource(uri("old"), uri("new"));
    await runs.moveSource(uri("older/b.vlm.md"), uri("c.vlm.md"));
    const again = await reloaded();
    const address = (id: string) => again.get(id)?.source?.uri.toString();
    expect([address("one"), address("two")]).toEqual([
      uri("new/a.vlm.md").toString(),
      uri("c.vlm.md").toString(),
    ]);
  });

  it("remember the file whose words were asked; a record with a broken one is read without", async () => {
    const { saved, image } = await addSampleRun(runs, "one");
    const source = { uri: Uri.parse("file:///folder/animals.vlm.md"), version: 3, span: [10, 24] as const };
    await runs.add("one", saved, { image, source });
    const again = (await reloaded()).get("one");
    expect(again?.source).toMatchObject({ version: 3, span: [10, 24] });
    expect(again?.source?.uri.toString()).toBe(source.uri.toString());
    const record = path.join(files.folder, "runs", "one.json");
    for (const broken of [
      7,
      { uri: "file:///a", version: 1, span: [5, 2] },
      { uri: "file:///a", span: [] },
    ]) {
      const content = JSON.parse(readFileSync(record, "utf8")) as object;
      writeFileSync(record, JSON.stringify({ ...content, source: broken }));
      const entry = (await reloaded()).get("one");
      expect([entry?.id, entry?.source, entry?.pinned]).toEqual(["one", undefined, undefined]);
    }
  });

  it("are deleted with all their files, one or all", async () => {
    for (const id of ["one", "two", "three"]) await addSampleRun(runs, id);
    await runs.delete("two");
    expect(ids(runs)).toEqual(["three", "one"]);
    await runs.delete("two");
    await runs.clear();
    expect(runs.entries).toEqual([]);
    expect(stored()).toEqual([]);
  });

  it("that cannot be deleted stay in the list, the others go, and it is said", async () => {
    for (const id of ["one", "two", "three"]) await addSampleRun(runs, id);
    const folder = path.dirname(runs.get("two")?.saved.runPath ?? "");
    const record = path.join(folder, "two.json");
    rmSync(record);
    // A folder is not deleted as a file is.
    mkdirSync(path.join(record, "inside"), { recursive: true });
    // Listened to from the start: it may fail while the new run is still on its way.
    const refused = expect(runs.clear()).rejects.toThrow("two.json");
    await addSampleRun(runs, "new");
    await refused;
    expect(ids(runs)).toEqual(["new", "two"]);
  });

  it("keep a run that had to be written elsewhere, and delete it there too", async () => {
    const { saved, image } = await addSampleRun(runs, "one");
    const runPath = path.join(files.folder, "elsewhere.dexar");
    writeFileSync(runPath, readFileSync(saved.runPath));
    await runs.delete("one");
    await addSampleRun(runs, "two");
    const { picturePath } = runs.get("two")?.saved ?? saved;
    await runs.add("three", { ...saved, runPath, picturePath }, { image });
    const again = await reloaded();
    expect((await again.read("three")).file.length).toBe(saved.bytes);
    await again.delete("three");
    expect(existsSync(runPath)).toBe(false);
  });

  it("come home at the next start when there is room again, and their temporary folders go", async () => {
    const id = randomUUID();
    const { saved, image } = await addSampleRun(runs, id);
    const elsewhere = mkdtempSync(path.join(tmpdir(), "dexar-"));
    const runPath = path.join(elsewhere, `${id}.dexar`);
    renameSync(saved.runPath, runPath);
    await runs.add(id, { ...saved, runPath }, { image });
    const again = await reloaded();
    expect(again.get(id)?.saved.runPath).toBe(saved.runPath);
    expect((await again.read(id)).file.length).toBe(saved.bytes);
    expect(existsSync(elsewhere)).toBe(false);
  });

  it("stay elsewhere when there is still no room", async () => {
    const id = randomUUID();
    const { saved, image } = await addSampleRun(runs, id);
    const elsewhere = mkdtempSync(path.join(tmpdir(), "dexar-"));
    const runPath = path.join(elsewhere, `${id}.dexar`);
    renameSync(saved.runPath, runPath);
    await runs.add(id, { ...saved, runPath }, { image });
    // Stands for the full disk: nothing can be put there.
    mkdirSync(saved.runPath);
    writeFileSync(path.join(saved.runPath, "in the way"), "");
    const again = await reloaded();
    expect((await again.read(id)).file.length).toBe(saved.bytes);
    expect(fake.logs.join("\n")).toContain(`The run ${id} stays in ${runPath}`);
    await again.delete(id).catch(() => null);
    rmSync(elsewhere, { recursive: true, force: true });
  });

  it("are removed from the temporary files when no record names them, after a week", async () => {
    const week = Date.now() / 1000 - 8 * 24 * 3600;
    const kept = (name: string, seconds: number): string => {
      const folder = mkdtempSync(path.join(tmpdir(), "dexar-"));
      writeFileSync(path.join(folder, name), "");
      utimesSync(path.join(folder, name), seconds, seconds);
      return folder;
    };
    const forgotten = kept(`${randomUUID()}.dexar`, week);
    const fresh = kept(`${randomUUID()}.dexar`, Date.now() / 1000);
    const ofCommandLine = kept("cat.dexar", week);
    await reloaded();
    expect([forgotten, fresh, ofCommandLine].map(existsSync)).toEqual([false, true, true]);
    for (const folder of [fresh, ofCommandLine]) rmSync(folder, { recursive: true });
  });

  it("stay in the list when their record cannot be written", async () => {
    const { saved, image } = await addSampleRun(runs, "one");
    const kept = path.join(files.folder, "kept");
    writeFileSync(`${kept}.dexar`, readFileSync(saved.runPath));
    writeFileSync(`${kept}.png`, readFileSync(saved.picturePath));
    rmSync(path.join(files.folder, "runs"), { recursive: true });
    await runs.add("two", { ...saved, runPath: `${kept}.dexar`, picturePath: `${kept}.png` }, { image });
    expect((await runs.read("two")).file.length).toBe(saved.bytes);
    expect(fake.logs.join("\n")).toContain("kept until this window closes only");
  });
});
