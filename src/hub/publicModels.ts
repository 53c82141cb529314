import type { Licence } from "./licences.js";
import models from "./publicModels.json" with { type: "json" };

/** A model of the public hub that DEX-AR knows of. What is not known of it is null or left out. */
export interface PublicModel {
  readonly name: string;
  /** `model_type` of its configuration. */
  readonly family: string;
  /** null: asked of the hub. */
  readonly licence: string | null;
  readonly tasks: readonly string[];
  readonly dtypes: readonly string[] | null;
  /** Size of the decoder by weight type, in MB; the exact size of all files is asked of the hub. */
  readonly decoderMegabytes: Readonly<Record<string, number>>;
  /** All files with a 4-bit decoder, estimated. */
  readonly usualDownload: string | null;
  readonly proof: Proof;
}

/** What is known to work: with the model's own weights nothing was tried, for no hub could be reached. */
export type Proof = "tiny-model" | "none";

/** The list of public models, small ones first. */
export const PUBLIC_MODELS: readonly PublicModel[] = models.map((model) => ({
  ...model,
  decoderMegabytes: megabytes(model.decoderMegabytes),
  proof: proofOf(model.proof),
}));

/** What is known to work, in a sentence. */
export function proofText(proof: Proof): string {
  switch (proof) {
    case "tiny-model":
      return "not tried with its real weights; its family is proven on a tiny model";
    case "none":
      return "not tried; its family is not supported yet";
  }
}

/** The licence of a public model as this list knows it; null where it does not. */
export function publicLicence(name: string): Licence | null {
  const id = PUBLIC_MODELS.find((model) => model.name === name)?.licence ?? null;
  return id === null ? null : { id, link: null };
}

/** In the file each model names other weight types. */
function megabytes(sizes: Readonly<Record<string, number | undefined>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(sizes).filter((entry): entry is [string, number] => entry[1] !== undefined),
  );
}

function proofOf(text: string): Proof {
  return text === "tiny-model" ? "tiny-model" : "none";
}
