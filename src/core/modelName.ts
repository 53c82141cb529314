/** A model's name by its folder: the last part of the path; in a Hugging Face cache, whose folders are commits, `owner/name`. */
export function modelName(dir: string): string {
  const parts = dir.split(/[/\\]/).filter((part) => part !== "");
  const cached = /^models--(.+)--(.+)$/.exec(parts.at(-3) ?? "");
  if (cached !== null && parts.at(-2) === "snapshots") return `${cached[1] ?? ""}/${cached[2] ?? ""}`;
  return parts.at(-1) ?? dir;
}
