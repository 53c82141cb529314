import { beforeEach, describe, expect, it } from "vitest";
import { DexarError } from "../../../src/core/errors.js";
import { PromptDiagnostics } from "../../../src/host/prompts/promptDiagnostics.js";
import type { KnownModels } from "../../../src/host/services.js";
import { fake, Uri } from "../../helpers/fakeVscode.js";
import { testLog } from "../../helpers/hostServices.js";

beforeEach(() => fake.reset());

describe("what is marked in a prompt file", () => {
  it("is what the last check found, whichever ends last", async () => {
    const file = Uri.file("/prompts/x.vlm.md");
    const { document } = fake.open(file, "---\nmodel: mine\n---\nx", "vlm-prompt");
    const answers: ((known: boolean) => void)[] = [];
    const models: KnownModels = {
      list: async () => [],
      resolve: (name) =>
        new Promise((resolve, reject) => {
          answers.push((known) =>
            known
              ? resolve({ name, dir: "/m" })
              : reject(new DexarError("model-not-found", "No.", "Choose.")),
          );
        }),
    };
    const diagnostics = new PromptDiagnostics(() => ({ models, log: testLog() }));
    await expect.poll(() => answers.length).toBe(1);
    fake.documentSaved.fire(document);
    await expect.poll(() => answers.length).toBe(2);
    answers[1]?.(true);
    const marks = () => fake.diagnostics.marked.get(file.toString());
    await expect.poll(marks).toEqual([]);
    answers[0]?.(false);
    fake.documentSaved.fire(document);
    await expect.poll(() => answers.length).toBe(3);
    expect(marks()).toEqual([]);
    diagnostics.dispose();
    answers[2]?.(false);
    await new Promise(setImmediate);
    expect(marks() ?? []).toEqual([]);
  });
});
