import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtVsix } from "./builtVsix.js";
import { THEMES } from "./pages/themes.js";
import { addPictures, SAMPLE } from "./pictures.js";
import { expectTokens, explain, explainByCommandLine, keepFailures, runTitles } from "./steps.js";
import { openWindow, type VscodeWindow } from "./window.js";

describe("the first picture, from the installed VSIX", () => {
  let vscode: VscodeWindow;
  beforeAll(async () => {
    vscode = await openWindow({ vsix: builtVsix(), prepare: addPictures, width: 1600, height: 1000 });
  });
  afterAll(() => vscode.close());
  keepFailures(() => vscode);

  it("opens the panel and shows each token with its heatmap, until the answer is complete", async () => {
    const { panel } = vscode;
    await explain(vscode, "burger.png");
    await panel.token(0).waitFor();
    await panel.finished();
    await vscode.workbench.tab(/burger\.png/).waitFor();
    const expected = explainByCommandLine([SAMPLE, "--live"]);
    expect(await panel.tokens.count()).toBe(expected.tokens.length);
    const strongest = expected.tokens.reduce(
      (best, token, i, all) => (token.delta > (all[best]?.delta ?? 0) ? i : best),
      0,
    );
    await panel.token(strongest).click();
    await expect.poll(() => panel.token(strongest).getAttribute("aria-selected")).toBe("true");
    await expect.poll(() => panel.mapCoverage()).toBeGreaterThan(0.01);
    expect(await panel.page.getByText("emoji-llava").first().isVisible()).toBe(true);
    expect(await panel.failure().count()).toBe(0);
  });

  it("shows the numbers of the command line", async () => {
    const expected = explainByCommandLine([SAMPLE, "--live"]);
    expectTokens(await vscode.panel.tokenDescriptions(), expected);
    for (const [index, token] of expected.tokens.entries()) {
      await vscode.panel.token(index).click();
      await vscode.panel.page.getByText(`${token.keptHeads} of ${token.heads}`).first().waitFor();
    }
  });

  it("keeps the run in the Runs view", async () => {
    await expect.poll(() => runTitles(vscode)).toHaveLength(1);
    expect((await runTitles(vscode))[0]).toContain("burger.png");
  });

  it("asks nothing of the network", () => {
    expect(vscode.foreignRequests.filter(({ webview }) => webview)).toEqual([]);
    // Elsewhere the machine's own network stays on; this project's CI has namespaces.
    if (process.platform === "linux" && process.env["DEXAR_ALLOW_NETWORK"] === undefined)
      expect(vscode.server.offline).toBe(true);
  });

  it.each(Object.entries(THEMES))("looks right in the theme %s, wide and narrow", async (short, theme) => {
    const { page, panel } = vscode;
    await vscode.setSettings({ "workbench.colorTheme": theme.name });
    await panel.themed(theme.kind);
    for (const [size, width] of [
      ["wide", 1600],
      ["narrow", 720],
    ] as const) {
      await page.setViewportSize({ width, height: 1000 });
      await panel.wholeAnswer.click();
      await panel.tokens.filter({ hasText: "burger" }).click();
      await panel.page.locator("html").evaluate(() => window.scrollTo(0, 0));
      await expect
        .poll(() => panel.page.locator("html").evaluate((root) => root.scrollWidth - root.clientWidth))
        .toBe(0);
      await vscode.screenshot(`panel-${short}-${size}`);
      expect(await panel.tokens.first().isVisible()).toBe(true);
    }
  });
});
