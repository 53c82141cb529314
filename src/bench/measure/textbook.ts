import { attribute } from "../../core/attribution/attribute.js";
import { attributionInput } from "../../core/attribution/attributionInput.js";
import path from "node:path";
import { saveRun } from "../../runtime/files/saveRun.js";
import { loadModel } from "../../runtime/model/loadModel.js";
import { memoryOfMode, type StartClient } from "./memoryOfModes.js";
import { OWN_MODES } from "./modes.js";
import { tellsMemory, type ProcessMemory } from "./processMemory.js";
import { requestFor, writePicture, type Subject } from "./subject.js";
import { runTextbook, type TextbookPeer, type TextbookResult } from "./textbookPeer.js";
import { writeTextbookPrompt } from "./textbookPrompt.js";
import { timeExplained } from "./timeAnswer.js";

/** What to compare with the textbook way in PyTorch. */
export interface TextbookPlan {
  readonly peer: TextbookPeer;
  /** Lengths of the answers. */
  readonly tokens: readonly number[];
}

/** Our way and the textbook way over the same weights, prompt and answer. */
export interface TextbookMeasurements {
  /** Our whole answers explained at K = 16, in milliseconds by round. */
  readonly ours: readonly { readonly tokens: number; readonly whole: readonly number[] }[];
  /** Of ours, with the longest answer; null: this system does not tell. */
  readonly memory: ProcessMemory | null;
  /** Of the longest answer. */
  readonly textbook: TextbookResult;
}

/** What measuring needs of its surroundings. */
export interface TextbookContext {
  readonly rounds: number;
  readonly startClient: StartClient;
  readonly signal: AbortSignal;
  readonly onProgress: (doing: string) => void;
}

const MODE = "k16";

/**
 * Measures ours first, then the textbook way in a process of its own, once, with the longest answer: what it does for
 * a token does not depend on how many follow. Prompt and run stay beside the model, for `python -m tools.textbook`.
 * @throws DexarError `textbook-failed`
 */
export async function measureTextbook(
  { peer, tokens }: TextbookPlan,
  subject: Subject,
  context: TextbookContext,
): Promise<TextbookMeasurements> {
  const { signal, onProgress } = context;
  const longest = { ...subject, tokens: Math.max(...tokens) };
  const prompt = path.join(subject.modelDir, "textbook");
  onProgress("answers for the comparison with the textbook way");
  const { ours, run } = await timeOurs(longest, tokens, prompt, context);
  const memory = await memoryOfOurs(longest, context);
  const task = { weights: path.join(subject.modelDir, "onnx"), prompt, run, tokens: longest.tokens };
  const tell = (doing: string) => {
    onProgress(`textbook way: ${doing}`);
  };
  return { ours, memory, textbook: await runTextbook(peer, task, tell, signal) };
}

/** Times our answers, and leaves the prompt and the run of the longest in `folder`. */
async function timeOurs(
  longest: Subject,
  lengths: readonly number[],
  folder: string,
  { rounds, signal }: TextbookContext,
): Promise<{ ours: TextbookMeasurements["ours"]; run: string }> {
  const request = requestFor(longest, await writePicture(longest));
  const vlm = await loadModel(longest.modelDir, longest.dtype);
  try {
    await writeTextbookPrompt(vlm, request, folder);
    const { run } = await timeExplained(vlm, request, signal);
    const { runPath } = await saveRun(
      run,
      path.join(folder, "answer.dexar"),
      attribute(attributionInput(run), run.info.settings),
    );
    const ours = lengths.map((tokens) => ({ tokens, whole: [] as number[] }));
    for (let round = 0; round < rounds; round++) {
      for (const { tokens, whole } of ours) {
        whole.push((await timeExplained(vlm, { ...request, maxNewTokens: tokens }, signal)).whole);
      }
    }
    return { ours, run: runPath };
  } finally {
    await vlm.dispose();
  }
}

async function memoryOfOurs(
  subject: Subject,
  { startClient, signal }: TextbookContext,
): Promise<ProcessMemory | null> {
  const mode = OWN_MODES.find(({ id }) => id === MODE);
  if (mode === undefined || !tellsMemory()) return null;
  const request = requestFor(subject, await writePicture(subject));
  return memoryOfMode(subject, mode, request, startClient, signal);
}
