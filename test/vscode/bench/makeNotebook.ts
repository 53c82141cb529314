import { formatNotebook } from "../../../src/core/notebook/formatNotebook.js";
import type { NotebookCell, NotebookOutputItem } from "../../../src/core/notebook/types.js";
import { readDigest } from "../../../src/core/run/runDigest.js";
import { runOutput } from "../../../src/core/run/runOutput.js";
import { formatTable } from "../../../src/core/run/formatTable.js";
import { RUN_OUTPUT_MIME } from "../../../src/protocol/notebookOutput.js";

const TEXT_WIDTH = 100;

/** The text of a notebook whose cells were all run: every tenth is Markdown, the others show a digest in turn. */
export async function makeNotebook(cells: number, digests: readonly string[]): Promise<string> {
  const made = await Promise.all(
    Array.from({ length: cells }, (_, index) =>
      index % 10 === 0
        ? Promise.resolve(markdown(index))
        : prompt(index, digests[index % digests.length] ?? ""),
    ),
  );
  return formatNotebook({ metadata: { image: "cat.png" }, cells: made, unknown: [] });
}

/** The text of a notebook of one prompt cell that was not run. */
export function smallNotebook(source: string): string {
  return formatNotebook({ metadata: {}, cells: [{ ...EMPTY, kind: "prompt", source }], unknown: [] });
}

const EMPTY = { id: null, metadata: {}, execution: null, outputs: [], unknown: [] };

function markdown(index: number): NotebookCell {
  return { ...EMPTY, kind: "markdown", source: `## Part ${index / 10 + 1}\n\nWhat the next pictures show.` };
}

async function prompt(index: number, digest: string): Promise<NotebookCell> {
  const { info, attribution } = readDigest(digest);
  const { json, figure } = await runOutput(digest, `bench-${index}`);
  const items: NotebookOutputItem[] = [
    { mime: RUN_OUTPUT_MIME, encoding: "json", value: JSON.parse(json) },
    ...(figure === null ? [] : [{ mime: "image/png", encoding: "base64", text: figure } as const]),
    { mime: "text/plain", encoding: "text", text: formatTable(info, attribution, { width: TEXT_WIDTH }) },
  ];
  return {
    ...EMPTY,
    kind: "prompt",
    source: `${info.prompt.text} (cell ${index + 1})`,
    execution: { order: index + 1, start: 1.7e12 + index * 1000, duration: 900, success: true, unknown: [] },
    outputs: [{ metadata: {}, items, unknown: [] }],
  };
}
