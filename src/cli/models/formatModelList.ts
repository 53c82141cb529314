import { bytesText } from "../../core/memory/bytesText.js";
import { proofText, type PublicModel } from "../../hub/publicModels.js";
import type { UnfinishedDownload } from "../../hub/store.js";
import { sizeText } from "./formatModels.js";
import type { ListedModel } from "./listModels.js";

/** The tables of `dexar models list`: what is on this machine, and what can be downloaded. */
export function formatModelList(models: readonly ListedModel[], modelsDir: string): string {
  const here = models.filter(({ state }) => state !== "available");
  const there = models.filter(({ state }) => state === "available");
  const width = Math.max(...models.map(({ name }) => name.length));
  const lines = [
    ...(here.some(({ state }) => state === "bundled") ? [] : [`There are no bundled models in ${modelsDir}.`]),
    ...here.map((model) => hereLine(model, width)),
    ...(there.length === 0 ? [] : ["", "Can be downloaded: dexar models pull NAME"]),
    ...there.flatMap(({ name, known }) => (known === null ? [] : thereLines(name, known, width))),
  ];
  return `${lines.join("\n")}\n`;
}

function hereLine({ name, family, bytes, dir, isDefault, ...model }: ListedModel, width: number): string {
  const facts = [
    name.padEnd(width),
    family ?? (dir === null ? "" : "no config.json"),
    sizeText(bytes),
    stateText({ ...model, name }),
    dir ?? "",
    isDefault ? "(default)" : "",
  ];
  return facts.filter((fact) => fact !== "").join("  ");
}

function stateText({
  name,
  state,
  dtypes,
  missing,
  download,
}: Pick<ListedModel, "name" | "state" | "dtypes" | "missing" | "download">): string {
  const begun = download === null ? "" : `${downloadText(download)}: dexar models pull ${name}`;
  switch (state) {
    case "bundled":
    case "available":
      return "";
    case "paused":
      return begun;
    case "downloaded":
      return [`downloaded, ${dtypes.join(", ")}`, begun].filter(Boolean).join("; ");
    case "cached":
      return `in the Hugging Face cache, ${dtypes.join(", ")}`;
    case "damaged":
      return `damaged, lacks ${missing.join(", ")}: dexar models pull ${name}`;
    case "incomplete":
      return `incomplete in the Hugging Face cache, lacks ${missing.join(", ")}`;
  }
}

/** How far a download that was begun is. */
function downloadText({ dtype, received, total }: UnfinishedDownload): string {
  return `paused at ${percent(received, total)} of ${bytesText(total)} (${dtype})`;
}

/** A share in whole percent, 100 only at the end. */
export function percent(part: number, whole: number): string {
  return `${whole === 0 ? 0 : Math.floor((part / whole) * 100)} %`;
}

function thereLines(name: string, known: PublicModel, width: number): string[] {
  const { family, licence, tasks, usualDownload, decoderMegabytes, proof } = known;
  const decoder = Object.entries(decoderMegabytes).map(([dtype, size]) => `${dtype} ${bytesText(size * 1e6)}`);
  const facts = [
    name.padEnd(width),
    family,
    tasks.join(", "),
    licence ?? "licence: see its page",
    usualDownload === null ? "" : `about ${usualDownload} in 4 bits`,
  ];
  const sizes = decoder.length === 0 ? [] : [`  decoder: ${decoder.join(", ")}`];
  return [facts.filter((fact) => fact !== "").join("  "), ...sizes, `  ${proofText(proof)}`];
}
