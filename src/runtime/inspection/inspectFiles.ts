import { existsSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { collectExternalFiles, readModel } from "../../core/onnx/index.js";
import type { InspectedFile } from "../../protocol/inspection.js";
import type { ModelPart } from "../families/parts.js";
import { CONFIG_FILES, dtypesOf, partPath } from "../model/modelFiles.js";
import { openModelFolder, paperFolder } from "../modelFolder.js";
import type { Findings } from "./findings.js";

/** Needed files, found or missing, then every weight file that the graphs name, found or missing. */
export function inspectFiles(dir: string, parts: readonly ModelPart[], findings: Findings): InspectedFile[] {
  const graphs = parts.flatMap(({ file }) => {
    const found = dtypesOf(dir, file);
    return (found.length > 0 ? found : ["fp32"]).map((dtype) => partPath(dir, file, dtype));
  });
  const weights = graphs
    .filter((path) => existsSync(path))
    .flatMap((path) => findings.attempt(() => weightFiles(path)) ?? []);
  const files = [...CONFIG_FILES.map((name) => join(dir, name)), ...graphs, ...weights];
  return [...new Set(files)].map((path) => {
    const present = existsSync(path);
    return { name: path.slice(dir.length + 1), present, bytes: present ? statSync(path).size : 0 };
  });
}

/** The files beside a graph that hold its weights. Damaged ones become problems, missing ones too. */
function weightFiles(path: string): string[] {
  const [folder, name] = [dirname(path), basename(path)];
  return collectExternalFiles(readModel(paperFolder(folder), name))
    .filter((file) => file !== name)
    .map((file) => join(folder, file));
}

/** Reads a graph with its weights' places, as loading does: what is missing or too short is thrown. */
export function checkWeights(path: string): void {
  readModel(openModelFolder(dirname(path)), basename(path));
}
