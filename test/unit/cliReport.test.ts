import { createHash } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { attribute } from "../../src/core/attribution/attribute.js";
import { attributionInput } from "../../src/core/attribution/attributionInput.js";
import type { Attribution, StoredAttribution } from "../../src/core/attribution/types.js";
import { htmlPage } from "../../src/core/run/htmlPage.js";
import { reportData } from "../../src/core/run/reportData.js";
import { runToJson } from "../../src/core/run/runToJson.js";
import type { Run } from "../../src/core/run/types.js";
import { formatTable } from "../../src/core/run/formatTable.js";
import { shownAttribution, type ShownAttribution } from "../../src/core/run/shownAttribution.js";
import { textWidth } from "../../src/core/run/textWidth.js";
import { renderHtmlReport } from "../../src/cli/report/html.js";
import { sampleRun } from "../helpers/sampleRun.js";

let run: Run;
let attribution: Attribution;
let stored: StoredAttribution;

beforeAll(async () => {
  run = await sampleRun({ columns: 7, rows: 5 });
  attribution = attribute(attributionInput(run), run.info.settings);
  stored = storedOnly(attribution);
});

/** What a run file keeps of an attribution. */
function storedOnly(whole: Attribution): StoredAttribution {
  const { scoreImage, scoreText, headWeight, tokenHeatmap, tokenHeatmapUnfiltered, tokenWeight } = whole;
  const { sequenceHeatmap, sequenceHeatmapUnfiltered } = whole;
  const scores = { scoreImage, scoreText, headWeight };
  const tokens = { tokenHeatmap, tokenHeatmapUnfiltered, tokenWeight };
  return { ...scores, ...tokens, sequenceHeatmap, sequenceHeatmapUnfiltered };
}

function table(of: Run, shown: ShownAttribution, width: number): string {
  return formatTable(of.info, shownAttribution(of, shown), { width });
}

function withoutGradient(): Run {
  return { ...run, arrays: { ...run.arrays, gradient: null } };
}

describe("formatTable", () => {
  it("has a line per token with its region, kept heads and reason", () => {
    const lines = table(run, attribution, 120).split("\n");
    expect(lines.find((line) => line.includes("·cat"))).toMatch(
      /^ 1 {2}·cat +93 % +0\.\d+ +(left|centre) +\d+\/24/,
    );
    expect(lines.find((line) => /^ 0 /.test(line))).toMatch(
      / 0 {2}- +\d+\/24 {2}text won: ".+", layer \d, head \d$/,
    );
    expect(lines.find((line) => line.includes("</s>"))).toContain("end, not in the whole answer");
    expect(lines.find((line) => line.startsWith("Answer"))).toBe(
      "Answer     a cat left of a red ball ↵ 猫 on green",
    );
  });

  it.each([200, 80, 60, 40, 24])("stays within %i columns and always names token and delta", (width) => {
    const lines = table(run, attribution, width).split("\n");
    expect(Math.max(...lines.map(textWidth))).toBeLessThanOrEqual(width);
    expect(lines.some((line) => line.includes("Token") && line.includes("Delta"))).toBe(true);
  });

  it("sets off its headings, and tokens that count less", () => {
    const paint = (style: string, text: string): string => `<${style}>${text}</${style}>`;
    const painted = formatTable(run.info, attribution, { width: 80, paint });
    expect(painted).toMatch(/<bold>#? *#? +Token .*<\/bold>/);
    expect(painted).toMatch(/<dim> *\d+ +<\/s>.*<\/dim>/);
    expect(painted.replaceAll(/<\/?(dim|bold|yellow)>/g, "")).toBe(table(run, attribution, 80));
  });

  it("shows a run without gradient and one that did not use the picture", () => {
    expect(table(withoutGradient(), stored, 100)).toContain("text won");
    const blank = { ...stored, sequenceHeatmap: new Float32Array(35) };
    expect(table(withoutGradient(), blank, 100)).toContain("did not use the picture");
  });
});

describe("runToJson", () => {
  it("is plain JSON with finite numbers", () => {
    const json = runToJson(run, stored, { heatmaps: true });
    expect(JSON.parse(JSON.stringify(json))).toEqual(json);
    expect(JSON.stringify(json)).not.toContain("null,null");
    expect(json.answer).toBe("a cat left of a red ball\n 猫 on green");
  });

  it("gives every token its numbers, region and reason", () => {
    const { tokens } = runToJson(run, stored);
    expect(tokens).toHaveLength(12);
    expect(tokens[1]).toMatchObject({ index: 1, text: " cat", heads: 24, reason: null });
    expect(tokens[1]?.probability).toBeCloseTo(0.93);
    const [x = 0, y = 0, width = 0, height = 0] = tokens[1]?.region?.box ?? [];
    expect(x <= 0.25 && x + width >= 0.25 && y <= 0.6 && y + height >= 0.6).toBe(true);
    expect(tokens[0]?.delta).toBe(0);
    expect(tokens[0]?.reason).toMatch(/^text won: "/);
    expect(tokens[1]?.layerShare?.reduce((a, b) => a + b, 0)).toBeCloseTo(1);
  });

  it("adds heatmaps and cells only when asked", () => {
    expect(runToJson(run, stored)).not.toHaveProperty("cells");
    const json = runToJson(run, stored, { heatmaps: true });
    expect(json.cells).toHaveLength(35);
    expect(json.tokens[1]?.heatmap).toEqual(Array.from(stored.tokenHeatmap.slice(35, 70)));
  });

  it("has no layer shares without a gradient", () => {
    expect(runToJson(withoutGradient(), stored).tokens[1]?.layerShare).toBeNull();
  });
});

describe("renderHtmlReport", () => {
  const assets = { script: "console.log('</script>')", styles: "p{color:red}" };

  it("is one file that may load nothing and run nothing but its own script", async () => {
    const html = await renderHtmlReport(run, stored, assets);
    const script = /<script>([\s\S]*?)<\/script>/.exec(html)?.[1] ?? "";
    const hash = createHash("sha256").update(script).digest("base64");
    expect(html).toContain("default-src 'none'");
    expect(html).toContain(`script-src 'sha256-${hash}'`);
    expect(html).not.toMatch(/https?:\/\//);
    expect(script).toBe("console.log('<\\/script>')");
  });

  it("cannot be broken out of by a prompt", async () => {
    const prompt = `</title><script>alert("x")</script>`;
    const info = { ...run.info, prompt: { ...run.info.prompt, text: prompt } };
    const html = await renderHtmlReport({ ...run, info }, stored, assets);
    expect(html).not.toContain("<script>alert");
    expect(html.match(/<script/g)).toHaveLength(2);
  });

  it("says why the filter is fixed without a gradient", async () => {
    expect(await renderHtmlReport(withoutGradient(), stored, assets)).toContain("saved without its gradient");
  });

  it("names the missing bundle", async () => {
    await expect(renderHtmlReport(run, stored)).rejects.toMatchObject({ code: "report-assets-missing" });
  });
});

describe("reportData", () => {
  const picture = { type: "image/png", bytes: Uint8Array.of(1, 2, 255) } as const;

  it("holds the picture as an address and completes the explanation from the gradient", () => {
    const data = reportData(run, stored, picture);
    expect(data.picture).toBe("data:image/png;base64,AQL/");
    expect(data.arrays.gradient).toBe(run.arrays.gradient);
    expect(data.attribution).toEqual(attribution);
    expect(data.gradientNote).toBeNull();
  });

  it("leaves a gradient out that is too large for a page, and says so", () => {
    const large = { ...run, arrays: { ...run.arrays, gradient: new Float32Array(24_000_001) } };
    const data = reportData(large, attribution, picture);
    expect(data.arrays.gradient).toBeNull();
    expect(data.gradientNote).toContain("too large for a page");
    expect(data.attribution.reasons).toEqual(attribution.reasons);
  });
});

describe("htmlPage", () => {
  const parts = { script: "1", styles: "p{}", hash: (text: string) => Promise.resolve(`hash-of-${text}`) };

  it("allows what it holds by its hash and is named by the prompt, or the picture where there is none", async () => {
    const data = reportData(run, stored, { type: "image/png", bytes: new Uint8Array() });
    const html = await htmlPage({ ...parts, data });
    expect(html).toContain(
      "script-src 'sha256-hash-of-1'; style-src 'sha256-hash-of-p{}' 'sha256-hash-of-';",
    );
    expect(html).toContain("<title>Describe the picture. · DEX-AR</title>");
    const info = { ...run.info, prompt: { ...run.info.prompt, text: " " } };
    expect(await htmlPage({ ...parts, data: { ...data, info } })).toContain(
      "<title>sample.png · DEX-AR</title>",
    );
    expect(await htmlPage({ ...parts, data, title: "a < b" })).toContain("<title>a &lt; b</title>");
  });
});
