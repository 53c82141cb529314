import { readdirSync, readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { DexarError } from "../../../src/core/errors.js";
import { cancelledError } from "../../../src/core/serializedError.js";
import { failureActions } from "../../../src/host/errors/failureActions.js";
import { showError } from "../../../src/host/errors/showError.js";
import { shortPaths } from "../../../src/host/errors/shortPaths.js";
import { shownFailure } from "../../../src/host/errors/shownFailure.js";
import { CancellationError, fake, Uri, window } from "../../helpers/fakeVscode.js";

const log = window.createOutputChannel("log");

beforeEach(() => fake.reset());

describe("what a failure offers", () => {
  it.each([
    ["image-damaged", ["chooseImage"]],
    ["model-file-missing", ["chooseModel", "openSettings", "showLog"]],
    ["onnx-truncated", ["chooseModel", "openSettings", "showLog"]],
    ["onnx-of-a-later-version", ["chooseModel", "openSettings", "showLog"]],
    ["model-config-mismatch", ["inspectModel", "chooseModel", "showLog"]],
    ["empty-prompt", ["openSettings", "runAgain"]],
    ["model-process-died", ["restartModel", "chooseModel", "showLog"]],
    ["a-code-nobody-knows", ["showLog"]],
  ])("%s: %j", (code, actions) => {
    expect(failureActions(code)).toEqual(actions);
  });

  it("fits every code that a model or picture can fail with", () => {
    const folders = ["src/runtime", "src/modelClient"];
    const files = folders.flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".ts"))
        .map((file) => readFileSync(`${folder}/${file}`, "utf8")),
    );
    const codes = files.flatMap((text) =>
      [...text.matchAll(/new DexarError\(\s*"([a-z0-9-]+)"/g)].map(([, code]) => code ?? ""),
    );
    expect(codes.length).toBeGreaterThan(30);
    // A file that only the command line takes, and a request that no button makes.
    const notOfUsers = ["bad-alternative", "bad-pixel-values"];
    const withoutButton = codes.filter((code) => failureActions(code).join() === "showLog");
    expect([...new Set(withoutButton)].sort()).toEqual(notOfUsers);
  });
});

describe("a failure in a panel", () => {
  it("says what is wrong, what to do, and has buttons", () => {
    const error = new DexarError("image-empty", "The picture a.png is empty.", "Give another picture.");
    expect(shownFailure(error)).toEqual({
      error: {
        code: "image-empty",
        message: "The picture a.png is empty.",
        nextStep: "Give another picture.",
      },
      actions: [{ id: "chooseImage", label: "Choose Picture" }],
    });
  });

  it("has no stack, not even of a failure that nobody expected", () => {
    const shown = shownFailure(new TypeError("x is not a function"));
    expect(shown.error).toEqual({
      code: "internal",
      message: "Something unexpected went wrong: x is not a function",
      nextStep: "The log says more. Please report it if it happens again.",
    });
    expect(shown.actions.map(({ id }) => id)).toEqual(["showLog"]);
  });
});

describe("a failure as a message of the editor", () => {
  const died = new DexarError(
    "model-process-died",
    "The model process ended (signal SIGKILL) during explain; end of its log:\n  | secret stack",
    "Close other programs.",
  );

  it("shows the first line and the next step, and logs the rest", async () => {
    await showError(died, log);
    expect(fake.shown.map(({ kind, text }) => [kind, text])).toEqual([
      ["error", "The model process ended (signal SIGKILL) during explain. Close other programs."],
    ]);
    expect(fake.shown[0]?.choices).toEqual(["Restart Model", "Choose Model", "Show Log"]);
    expect(fake.logs.join()).toContain("secret stack");
  });

  it("does what its button says", async () => {
    fake.answers.push("Restart Model");
    await showError(died, log);
    expect(fake.calls).toContainEqual(["dexar.model.restart"]);
  });

  it("says nothing of what the user cancelled", async () => {
    const aborted = Object.assign(new Error("aborted"), { name: "AbortError" });
    for (const error of [cancelledError(), new CancellationError(), aborted]) await showError(error, log);
    expect(fake.shown).toEqual([]);
  });

  it("speaks the editor's language", async () => {
    fake.strings = { "Restart Model": "Modell neu starten", "Show Log": "Protokoll anzeigen" };
    fake.answers.push("Modell neu starten");
    await showError(died, log);
    expect(fake.calls).toContainEqual(["dexar.model.restart"]);
  });
});

describe("paths in a message", () => {
  const home = path.join(os.homedir(), "pictures", "a.png");

  it.each([
    ["There is no picture at /folder (1)/pets/cat.png.", "There is no picture at pets/cat.png."],
    ["/folder (1)/a.png and “/folder (1)/b.png”", "a.png and “b.png”"],
    ["/other/folder (1)/a.png", "/other/folder (1)/a.png"],
    ["/folder (1)x/a.png", "/folder (1)x/a.png"],
    [`${home} is damaged`, "~/pictures/a.png is damaged"],
    [`/mnt${home}`, `/mnt${home}`],
    ["https://example.com/folder (1)/a.png", "https://example.com/folder (1)/a.png"],
  ])("are short: %s", (message, short) => {
    fake.folders = [{ name: "folder (1)", uri: Uri.file("/folder (1)") }];
    expect(shortPaths(message)).toBe(short);
  });

  it("begin with the folder's name where there are several, the innermost", () => {
    fake.folders = ["/folder", "/folder/inner"].map((place) => ({
      name: path.basename(place),
      uri: Uri.file(place),
    }));
    expect(shortPaths("/folder/a.png, /folder/inner/b.png")).toBe("folder/a.png, inner/b.png");
  });

  it("stay where no folder is open and they are not at home", () => {
    expect(shortPaths("/folder/a.png")).toBe("/folder/a.png");
  });
});
