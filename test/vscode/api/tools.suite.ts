import assert from "node:assert/strict";
import { describe, it } from "mocha";
import * as vscode from "vscode";

describe("the tools for language models", () => {
  it("are known with their schemas", () => {
    for (const name of ["explain_image", "list_runs"]) {
      const tool = vscode.lm.tools.find((each) => each.name === name);
      assert.ok(tool, `${name} is not there`);
      assert.ok(tool.description.length > 150);
      assert.equal((tool.inputSchema as { type?: string } | undefined)?.type, "object");
    }
  });

  // explain_image asks the person first: test/vscode/tools.test.ts answers.
  it("list the runs", async () => {
    const { content } = await vscode.lm.invokeTool("list_runs", {
      input: { limit: 3 },
      toolInvocationToken: undefined,
    });
    const [part] = content;
    assert.ok(part instanceof vscode.LanguageModelTextPart);
    const { total, runs } = JSON.parse(part.value) as { total: number; runs: unknown[] };
    assert.equal(runs.length, Math.min(3, total));
  });
});
