import { isLicence, type Licence } from "./licences.js";
import { unexpected } from "./hubErrors.js";
import { request, type HubAccess, type HubResponse } from "./request.js";
import { repoName } from "./repoName.js";
import { retrying, type Tries } from "./retry.js";
import { withStallWatch } from "./stallWatch.js";

/** A model of the hub at one commit. */
export interface HubModel {
  readonly name: string;
  readonly commit: string;
  /** null: the hub says none. */
  readonly licence: Licence | null;
}

/** A file of a model: large ones have a SHA-256, small ones the hash that git gives them. */
export interface HubFile {
  readonly path: string;
  readonly size: number;
  readonly hash: { readonly kind: "sha256" | "git"; readonly hex: string };
}

/** The hub, and how patiently it is asked. */
export interface Hub extends HubAccess, Tries {}

/** The page of a model, for people. */
export function modelPage(endpoint: string, name: string): string {
  return `${endpoint}/${name}`;
}

/**
 * What the hub says of a model.
 * @param revision a branch, tag or commit
 * @throws DexarError `hub-bad-name`, and those of `request`
 */
export async function readModel(hub: Hub, name: string, revision: string): Promise<HubModel> {
  const url = `${hub.endpoint}/api/models/${repoName(name)}/revision/${encodeURIComponent(revision)}`;
  const { value } = await readJson(hub, url, name, revision === "main" ? name : `${name} at ${revision}`);
  const { sha, cardData } = fields(value);
  if (typeof sha !== "string" || !/^[0-9a-f]{40}$/.test(sha))
    throw misunderstood(hub, "no commit of the model");
  return { name, commit: sha, licence: licenceOf(fields(cardData)) };
}

function licenceOf(card: Record<string, unknown>): Licence | null {
  const { license, license_name: name, license_link: link } = card;
  const id = Array.isArray(license) ? license.join(", ") : license;
  const licence = {
    id: id === "other" && typeof name === "string" ? name : id,
    link: typeof link === "string" && /^https:\/\//.test(link) ? link : null,
  };
  return isLicence(licence) ? licence : null;
}

/** All files of a model at a commit. */
export async function readFiles(hub: Hub, name: string, commit: string): Promise<HubFile[]> {
  const tree = `${hub.endpoint}/api/models/${name}/tree/${commit}?recursive=true`;
  const files: HubFile[] = [];
  for (let cursor: string | null = ""; cursor !== null;) {
    const url: string = cursor === "" ? tree : `${tree}&cursor=${encodeURIComponent(cursor)}`;
    const { value, response } = await readJson(hub, url, name, name);
    if (!Array.isArray(value)) throw misunderstood(hub, "no list of files");
    for (const entry of value) if (fields(entry)["type"] === "file") files.push(fileOf(hub, fields(entry)));
    // A mirror's link may lead to the hub itself: only the place in the list counts.
    cursor = nextCursor(response.headers.get("link"));
  }
  return files;
}

function fileOf(hub: Hub, { path, size, oid, lfs }: Record<string, unknown>): HubFile {
  const large = fields(lfs)["oid"];
  const hash =
    typeof large === "string"
      ? ({ kind: "sha256", hex: large } as const)
      : ({ kind: "git", hex: oid } as const);
  const digits = hash.kind === "sha256" ? 64 : 40;
  if (typeof path !== "string" || typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) {
    throw misunderstood(hub, "a file without name or size");
  }
  if (typeof hash.hex !== "string" || !new RegExp(`^[0-9a-f]{${digits}}$`).test(hash.hex)) {
    throw misunderstood(hub, `no checksum of ${path}`);
  }
  return { path, size, hash: { kind: hash.kind, hex: hash.hex } };
}

function nextCursor(link: string | null): string | null {
  const next = link?.match(/<([^>]+)>\s*;\s*rel="?next"?/)?.[1];
  return next !== undefined && URL.canParse(next) ? new URL(next).searchParams.get("cursor") : null;
}

interface JsonAnswer {
  readonly value: unknown;
  readonly response: HubResponse;
}

async function readJson(hub: Hub, url: string, name: string, what: string): Promise<JsonAnswer> {
  const asked = { url, what, page: modelPage(hub.endpoint, name), headers: { accept: "application/json" } };
  const { text, response } = await retrying(
    () =>
      withStallWatch(hub, new URL(url).host, async (signal) => {
        const answer = await request(hub, { ...asked, signal });
        return { text: await answer.text(), response: answer };
      }),
    hub,
  );
  try {
    return { value: JSON.parse(text) as unknown, response };
  } catch {
    throw misunderstood(hub, "no JSON");
  }
}

function misunderstood({ endpoint }: Hub, what: string) {
  return unexpected(new URL(endpoint).host, what);
}

/** The fields of what should be an object; none where it is not. */
function fields(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
