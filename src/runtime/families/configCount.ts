import { DexarError } from "../../core/errors.js";

/**
 * A whole number above 0 from one of a model's JSON files.
 * @param path where it stands, for example `vision_config.patch_size`
 * @throws DexarError `model-config-damaged` where it is something else
 */
export function configCount(json: Readonly<Record<string, unknown>>, path: string, file: string): number {
  const value = path
    .split(".")
    .reduce<unknown>((at, key) => (at as Record<string, unknown> | null | undefined)?.[key], json);
  if (Number.isInteger(value) && Number(value) > 0) return Number(value);
  throw new DexarError(
    "model-config-damaged",
    `${file} has no whole number ${path}${value === undefined ? "" : ` (it is ${JSON.stringify(value)})`}.`,
    `Take ${file} from the model's page.`,
  );
}
