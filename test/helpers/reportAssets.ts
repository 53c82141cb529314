import { build } from "esbuild";
import { fileURLToPath } from "node:url";
import type { ReportAssets } from "../../src/cli/report/html.js";

/** Bundles a page (the report, or the comparison) as `npm run build` does, without writing files. */
export async function buildReportAssets(page: "panel" | "compare" = "panel"): Promise<ReportAssets> {
  const bundle = async (entry: string): Promise<string> => {
    const result = await build({
      entryPoints: [fileURLToPath(new URL(`../../webview/${page}/${entry}`, import.meta.url))],
      bundle: true,
      write: false,
      minify: true,
      loader: { ".svg": "text" },
      format: "iife",
      target: "es2022",
    });
    return result.outputFiles[0]?.text ?? "";
  };
  const [script, styles] = await Promise.all([bundle("main.ts"), bundle(`${page}.css`)]);
  return { script, styles };
}
