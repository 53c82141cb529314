import { cpSync, existsSync, mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const FIXTURES = fileURLToPath(new URL("../fixtures/llava-reference/models", import.meta.url));
const PACK = fileURLToPath(new URL("../../../shared/fixtures/llava-reference/models", import.meta.url));

/**
 * Models of the reference pack that are committed. In the pack only: p2-decomposed, p1's half-precision decoders and
 * the other parts of p2, of which only the decoder (the one with external data) is committed.
 */
export type LlavaModel = "p1" | "p1-decomposed" | "p2";

/**
 * The folder of a reference model, as transformers.js lays it out: the whole pack's where it is at hand, else the
 * committed copy, where p1-decomposed holds only what differs from p1 and is put together in a temporary folder.
 */
export function llavaModelFolder(model: LlavaModel): string {
  const inPack = join(PACK, model);
  if (existsSync(inPack)) return inPack;
  return model === "p1-decomposed" ? assembleDecomposed() : join(FIXTURES, model);
}

let assembled: string | undefined;

function assembleDecomposed(): string {
  if (assembled !== undefined) return assembled;
  const folder = mkdtempSync(join(tmpdir(), "dexar-p1-decomposed-"));
  mkdirSync(join(folder, "onnx"));
  for (const file of ["onnx/embed_tokens.onnx", "onnx/vision_encoder.onnx"]) {
    cpSync(join(FIXTURES, "p1", file), join(folder, file));
  }
  cpSync(join(FIXTURES, "p1"), folder, { recursive: true, filter: (path) => !path.endsWith("onnx") });
  cpSync(join(FIXTURES, "p1-decomposed"), folder, { recursive: true });
  assembled = folder;
  return folder;
}
