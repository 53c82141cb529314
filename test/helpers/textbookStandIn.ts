import { writeFileSync } from "node:fs";
import path from "node:path";
import type { TextbookPeer, TextbookResult } from "../../src/bench/measure/textbookPeer.js";

/** What a textbook way that agrees with ours would find for three tokens. */
export const TEXTBOOK_RESULT: TextbookResult = {
  torch: "2.9.9",
  threads: 2,
  ids: [5, 6, 7],
  chosen: [5, 6, 7],
  seconds: [3, 1, 2],
  peak_resident: 6e9,
  peak_private: 4e9,
  differences: { gradient: 2e-7, token_heatmap: 1e-6 },
};

/** A program in place of the textbook way's Python: `body` is JavaScript, `args` what it is called with. */
export function textbookStandIn(folder: string, body: string): TextbookPeer {
  const file = path.join(folder, "standIn.mjs");
  writeFileSync(file, `const args = process.argv.slice(2);\n${body}\n`);
  return { command: [process.execPath, file], cwd: folder };
}
