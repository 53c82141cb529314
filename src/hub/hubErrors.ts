import { DexarError } from "../core/errors.js";
import type { TokenUse } from "./request.js";

const TOKEN_STEP =
  "Check the name. For a private model, or one behind conditions, set HF_TOKEN or give the editor your token (DEX-AR: Set Hugging Face Token).";
/** Why a token that is there was not sent, and what helps. */
const KEPT_BACK = {
  "not-private":
    "your token was not sent, as it only goes over https: write the address of the hub (HF_ENDPOINT, or the setting) with https://",
  "other-host":
    "your token was not sent, as it only goes to the hub itself, which led on to another address: write the one that you trust as the address of the hub (HF_ENDPOINT, or the setting)",
} as const satisfies Partial<Record<TokenUse, string>>;

/** `hub-bad-name`: no name of a model on the hub. */
export function badName(name: string): DexarError {
  return new DexarError(
    "hub-bad-name",
    `${JSON.stringify(name)} is no name of a model on the hub.`,
    "Write it as on the hub: owner/name.",
  );
}

/** `hub-unreachable`: no answer, or a server in trouble. */
export function unreachable(host: string, reason: string, cause?: unknown): DexarError {
  return new DexarError(
    "hub-unreachable",
    `${host} does not answer as it should (${reason}).`,
    "Check the network, HTTPS_PROXY and the address of the hub (HF_ENDPOINT); what was downloaded is kept, and the next try continues there.",
    { cause },
  );
}

/** `hub-busy`: status 429 again and again, or for longer than anyone waits. */
export function busy(host: string, waitMs: number | null): DexarError {
  const wait = waitMs === null ? "" : `, and asks to wait ${Math.ceil(waitMs / 1000)} s`;
  return new DexarError(
    "hub-busy",
    `${host} refuses more requests for now (429)${wait}.`,
    "Try again later; what was downloaded is kept. With a token the hub allows more requests.",
  );
}

/** `hub-token-needed` or `hub-token-refused` (401): the hub says the same for a model that does not exist. */
export function unauthorised(host: string, what: string, token: TokenUse): DexarError {
  if (token === "sent") {
    return new DexarError(
      "hub-token-refused",
      `${host} does not accept the token for ${what}, or there is no such model (401).`,
      TOKEN_STEP,
    );
  }
  return new DexarError(
    "hub-token-needed",
    `${host} wants a token for ${what}, or there is no such model (401).`,
    token === "none" ? TOKEN_STEP : `Check the name; ${KEPT_BACK[token]}.`,
  );
}

/** `hub-token-broken`: what is set as token cannot be one; it is not repeated. */
export function brokenToken(): DexarError {
  return new DexarError(
    "hub-token-broken",
    "The token for the model hub holds characters that no token has (a line break or a space, perhaps), and was not sent.",
    "Copy it again, whole and alone, to HF_TOKEN, the file of the Hugging Face tools or the editor (DEX-AR: Set Hugging Face Token).",
  );
}

/** `hub-gated` (403): the owner's conditions have to be accepted on the model's page first. */
export function gated(page: string, what: string, token: TokenUse): DexarError {
  return new DexarError(
    "hub-gated",
    `${what} may not be downloaded without its owner's consent (403).`,
    `Open ${page} in a browser, accept the conditions ${gatedStep(token)}, then try again.`,
  );
}

function gatedStep(token: TokenUse): string {
  switch (token) {
    // It was sent to the hub, which led on to this host.
    case "other-host":
    case "sent":
      return "with the account of your token";
    case "none":
      return "and give DEX-AR a token of your account";
    case "not-private":
      return `with the account of your token (${KEPT_BACK[token]})`;
  }
}

/** `hub-not-found` (404). */
export function notFound(host: string, what: string): DexarError {
  return new DexarError("hub-not-found", `${host} has no ${what} (404).`, "Check the name and the revision.");
}

/** `hub-unexpected`: a status or an answer that no hub gives. */
export function unexpected(host: string, what: string): DexarError {
  return new DexarError(
    "hub-unexpected",
    `${host} answers in a way that no model hub does: ${what}.`,
    "Check the address of the hub (HF_ENDPOINT), and whether a proxy or a login page answers in its place.",
  );
}

/** `download-damaged`: what came is not the file that the hub lists, twice. */
export function damaged(file: string, reason: string): DexarError {
  return new DexarError(
    "download-damaged",
    `${file} came damaged twice: ${reason}. It was thrown away.`,
    "Try again; if it stays so, the mirror or a proxy on the way changes files.",
  );
}

/** `not-enough-disk`: the model does not fit, or the disk became full. */
export function diskFull(folder: string, needed: string, cause?: unknown): DexarError {
  return new DexarError(
    "not-enough-disk",
    `There is not enough space in ${folder}: ${needed}.`,
    "Free some space or choose another folder for models (DEX-AR setting, or DEXAR_MODELS), then try again; what was downloaded is kept.",
    { cause },
  );
}

/** `model-store-not-writable`: the folder of models cannot be written to. */
export function notWritable(folder: string, cause: unknown): DexarError {
  const reason = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
  return new DexarError(
    "model-store-not-writable",
    `Models cannot be kept in ${folder} (${reason}).`,
    "Give yourself the right to write there, or choose another folder for models (DEX-AR setting, or DEXAR_MODELS).",
    { cause },
  );
}
