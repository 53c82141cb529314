import { describe, expect, it } from "vitest";
import { findChromium } from "../helpers/browser.js";
import { panelWindows, type EditorWindow } from "../helpers/panelPage.js";

const chromium = findChromium();

// Without a Chromium the page cannot be tried; on CI it must be there.
describe.skipIf(chromium === undefined && !process.env["CI"])("the panel's exports", () => {
  const open = panelWindows(chromium);

  it("exports the picture as PNG, by keyboard", async () => {
    const { page, problems } = await open({});
    await page.locator('.chip[data-index="1"]').click();
    await page.getByRole("button", { name: "Export" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("menuitem", { name: "Save picture as PNG" }).waitFor();
    await page.keyboard.press("Enter");
    await page.getByText("Saved: run.png").waitFor();
    const size = await page.evaluate(async () => {
      const { sent: messages } = (window as unknown as EditorWindow).fakeEditor;
      const last = messages.at(-1);
      if (last?.kind !== "request" || last.method !== "export" || !("content" in last.params)) return null;
      const { content, format, suffix } = last.params;
      const picture = await createImageBitmap(new Blob([Uint8Array.from(content)]));
      const shape = picture.height > picture.width ? "taller by its caption" : "bare";
      return { width: picture.width, shape, format, suffix };
    });
    // 84 mm at 300 pixels per inch.
    expect(size).toEqual({
      width: 992,
      shape: "taller by its caption",
      format: "png",
      suffix: "token-02-cat",
    });
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it("exports the same as SVG: sizes, words and the numbers of the colour bar", async () => {
    const { page, problems } = await open({});
    await page.locator('.chip[data-index="1"]').click();
    const numbers = await page.locator(".colour-bar .numbers span").allTextContents();
    await page.evaluate(() => {
      (window as unknown as EditorWindow).fakeEditor.post({ kind: "command", command: "exportSvg" });
    });
    await page.getByText("Saved: run.svg").waitFor();
    const svg = await page.evaluate(() => {
      const { sent: messages } = (window as unknown as EditorWindow).fakeEditor;
      const last = messages.at(-1);
      if (last?.kind !== "request" || last.method !== "export" || !("content" in last.params)) return null;
      const text = new TextDecoder().decode(Uint8Array.from(last.params.content));
      const parsed = new DOMParser().parseFromString(text, "image/svg+xml");
      const words = Array.from(parsed.querySelectorAll("text"), (each) => each.textContent);
      const pictures = Array.from(parsed.querySelectorAll("image"), (each) =>
        (each.getAttribute("href") ?? "").slice(0, 10),
      );
      const broken = parsed.querySelector("parsererror") !== null;
      return { broken, width: parsed.documentElement.getAttribute("width"), words, pictures };
    });
    expect(svg).toMatchObject({ broken: false, width: "84mm", pictures: ["data:image", "data:image"] });
    expect(svg?.words).toEqual(expect.arrayContaining([...numbers, "·cat", "Describe the picture.", "ball"]));
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it("copies the picture that it would save", async () => {
    const { page, problems } = await open({});
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.getByRole("button", { name: "Export" }).click();
    await page.getByRole("menuitem", { name: "Copy picture" }).click();
    await page.getByText("The picture is on the clipboard.").waitFor();
    const width = await page.evaluate(async () => {
      const [item] = await navigator.clipboard.read();
      return item && (await createImageBitmap(await item.getType("image/png"))).width;
    });
    expect(width).toBe(992);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it("says why an export failed", async () => {
    const { page } = await open({});
    await page.evaluate(() => {
      (window as unknown as EditorWindow).fakeEditor.answer = () => ({
        error: { code: "disk-full", message: "The disk is full.", nextStep: "Make room." },
      });
    });
    await page.getByRole("button", { name: "Export" }).click();
    await page.getByRole("menuitem", { name: "Save run file" }).click();
    await page.getByText("The disk is full. Make room.").waitFor();
    await page.getByRole("button", { name: "Export" }).click();
    await page.keyboard.press("Escape");
    expect(await page.getByRole("menu").count()).toBe(0);
    await page.context().close();
  });
});
