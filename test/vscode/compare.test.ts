import { execFileSync } from "node:child_process";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatNumber, formatShare } from "../../src/core/run/formatNumber.js";
import { builtVsix } from "./builtVsix.js";
import { Compare } from "./pages/compare.js";
import { THEMES } from "./pages/themes.js";
import { addPictures, SAMPLE } from "./pictures.js";
import { explainFinished, keepFailures, processCount, runTitles } from "./steps.js";
import { openWindow, type VscodeWindow } from "./window.js";

const OTHER_PROMPT = "what is in the picture?";

/** What `dexar compare --json` prints, as far as it is looked at. */
interface CliComparison {
  readonly changes: readonly { readonly code: string }[];
  readonly whole: CliSides;
  readonly tokens: readonly CliSides[];
}

interface CliSides {
  readonly deltaA: number | null;
  readonly deltaB: number | null;
  readonly similarity: { readonly overlap: number; readonly correlation: number; readonly cosine: number };
}

function runCli(args: readonly string[]): string {
  return execFileSync(process.execPath, ["dist/cli.js", ...args], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
}

/** Pictures, and the same two runs that the window makes, as files. */
function prepare(workspace: string): void {
  addPictures(workspace);
  const explain = (file: string, ...more: readonly string[]) =>
    runCli(["explain", SAMPLE, "--live", "--out", path.join(workspace, file), ...more]);
  explain("one.dexar");
  explain("two.dexar", "--prompt", OTHER_PROMPT);
}

describe("comparing two runs", () => {
  let vscode: VscodeWindow;
  let compare: Compare;
  let printed: CliComparison;
  beforeAll(async () => {
    vscode = await openWindow({ vsix: builtVsix(), prepare, width: 1600, height: 1000 });
    compare = new Compare(vscode.panel);
    printed = JSON.parse(
      runCli(["compare", place("one.dexar"), place("two.dexar"), "--json"]),
    ) as CliComparison;
  });
  afterAll(() => vscode.close());
  keepFailures(() => vscode);

  const place = (name: string): string => path.join(vscode.server.workspace, name);

  async function showsWhatIsPrinted(): Promise<void> {
    const { similarity } = printed.whole;
    await expect.poll(() => compare.likeness("Overlap").textContent()).toBe(formatShare(similarity.overlap));
    expect(await compare.likeness("Cosine").textContent()).toBe(similarity.cosine.toFixed(2));
    expect(await compare.likeness("Correlation").textContent()).toBe(
      similarity.correlation.toFixed(2).replace("-", "−"),
    );
  }

  it("two runs selected in the Runs view: what changed, both pictures, and the command line's numbers", async () => {
    const { panel, workbench } = vscode;
    await explainFinished(vscode, "burger.png");
    await panel.ask(OTHER_PROMPT);
    await expect.poll(() => runTitles(vscode)).toHaveLength(2);
    await panel.finished();
    const rows = workbench.viewRow("Runs", /burger\.png/);
    await workbench.runCommand("View: Close All Editors");
    await rows.last().click();
    await rows.first().click({ modifiers: ["ControlOrMeta"] });
    await workbench.contextMenu(rows.first(), "Compare Runs…");
    await workbench.tab(`burger.png: describe the picture. ↔ ${OTHER_PROMPT}`).waitFor();
    await compare.pair("answer").waitFor();
    expect(printed.changes.map(({ code }) => code)).toEqual(["prompt"]);
    expect(await compare.changes.locator("li").count()).toBe(1);
    const words = async (side: "del" | "ins"): Promise<string> =>
      (await compare.changes.locator(side).allInnerTexts()).join(" ");
    expect(`${await words("del")} ${await words("ins")}`).toMatch(/describe/);
    for (const front of ["a", "b", "difference"] as const)
      await compare.pane(front).locator("canvas").waitFor();
    await showsWhatIsPrinted();
    await processCount(vscode, 1);
  });

  it.each(["light", "dark"] as const)("looks right in the theme %s", async (short) => {
    const { page, panel } = vscode;
    await vscode.setSettings({ "workbench.colorTheme": THEMES[short].name });
    await panel.themed(THEMES[short].kind);
    await vscode.screenshot(`compare-${short}`);
    await page.setViewportSize({ width: 760, height: 1000 });
    await expect
      .poll(() => compare.page.locator("html").evaluate((root) => root.scrollWidth - root.clientWidth))
      .toBe(0);
    await vscode.screenshot(`compare-${short}-narrow`);
    await page.setViewportSize({ width: 1600, height: 1000 });
  });

  it("two run files chosen in the explorer, token by token", async () => {
    const { workbench } = vscode;
    await workbench.runCommand("View: Close All Editors");
    await workbench.openViews("Explorer");
    await workbench.contextMenu(workbench.file("one.dexar"), "Select Run for Compare");
    await workbench.contextMenu(workbench.file("two.dexar"), "Compare with Selected Run");
    await workbench.tab("one.dexar ↔ two.dexar").waitFor();
    expect(await compare.runs.nth(0).innerText()).toContain("describe the picture.");
    expect(await compare.runs.nth(1).innerText()).toContain(OTHER_PROMPT);
    expect(await compare.changes.locator("del").first().innerText()).toContain("describe");
    await showsWhatIsPrinted();
    const rows = await compare.table("tokens-panel");
    const number = (delta: number | null): string => (delta === null ? "–" : formatNumber(delta));
    expect(rows.map(([, , a, b]) => [a, b])).toEqual(
      printed.tokens.map(({ deltaA, deltaB }) => [number(deltaA), number(deltaB)]),
    );
    const whole = await compare.likeness("Overlap").textContent();
    await compare.pair(3).click();
    await expect.poll(() => compare.pair(3).getAttribute("aria-selected")).toBe("true");
    await expect.poll(() => compare.likeness("Overlap").textContent()).not.toBe(whole);
    expect(await compare.likeness("Overlap").textContent()).toBe(
      formatShare(printed.tokens[3]?.similarity.overlap ?? NaN),
    );
    await vscode.screenshot("compare-token");
  });

  it("is there again after the window was reloaded", async () => {
    await vscode.panel.kept();
    await vscode.workbench.reload();
    await expect.poll(() => compare.pair(3).getAttribute("aria-selected")).toBe("true");
  });
});
