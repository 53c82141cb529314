import { brokenToken, busy, gated, notFound, unauthorised, unexpected, unreachable } from "./hubErrors.js";
import { TransientFailure } from "./retry.js";

/** What of `fetch` is used: the editor's own, Node's, or one that goes through a proxy. */
export type HubFetch = (
  url: string,
  init: {
    readonly headers: Record<string, string>;
    readonly redirect: "manual";
    readonly signal: AbortSignal;
  },
) => Promise<HubResponse>;

/** What of an answer is used. */
export interface HubResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: AsyncIterable<Uint8Array> | null;
  text(): Promise<string>;
}

/** Which hub is asked, as whom and by which way. */
export interface HubAccess {
  /** Address without a slash at its end (`hubEndpoint`). */
  readonly endpoint: string;
  /** Sent to the endpoint only, and only where nobody on the way can read it. */
  readonly token: string | null;
  readonly fetch: HubFetch;
}

/** What became of the user's token: sent, not there, or kept back because others could read it or because the hub led elsewhere. */
export type TokenUse = "sent" | "none" | "not-private" | "other-host";

/** What is asked for. */
export interface HubRequest {
  readonly url: string;
  /** In the words of messages: `org/name`, or a file of it. */
  readonly what: string;
  /** The model's page, where its conditions can be accepted. */
  readonly page: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

const MOST_REDIRECTS = 10;

/**
 * Asks once, following redirects; the token never goes to another host.
 * @throws TransientFailure where another try may help
 * @throws DexarError `hub-token-needed`, `hub-token-refused`, `hub-token-broken`, `hub-gated`, `hub-not-found`, `hub-unexpected`
 */
export async function request(access: HubAccess, asked: HubRequest): Promise<HubResponse> {
  let url = new URL(asked.url);
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const token = tokenUse(access, url);
    const headers = { ...asked.headers, ...(token === "sent" && authorisation(access)) };
    const response = await ask(access.fetch, url, headers, asked.signal);
    const target = redirectTarget(response, url);
    if (target === null) return checked(response, url, asked, token);
    // Left unread, the connection would stay taken.
    await response.text();
    if (url.protocol === "https:" && target.protocol !== "https:") {
      throw unexpected(url.host, `it redirects from https to ${target.protocol}//${target.host}`);
    }
    url = target;
  }
  throw unexpected(url.host, `it redirects more than ${MOST_REDIRECTS} times`);
}

function tokenUse({ token, endpoint }: HubAccess, url: URL): TokenUse {
  if (token === null) return "none";
  if (url.origin !== new URL(endpoint).origin) return "other-host";
  return isPrivate(url) ? "sent" : "not-private";
}

function authorisation({ token }: HubAccess): Record<string, string> {
  // The message of what fails at such a header would repeat it.
  if (token === null || !/^[\x21-\x7e]+$/.test(token)) throw brokenToken();
  return { authorization: `Bearer ${token}` };
}

/** Whether nobody between here and there can read what is sent. */
function isPrivate({ protocol, hostname }: URL): boolean {
  return protocol === "https:" || ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
}

async function ask(
  fetch: HubFetch,
  url: URL,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<HubResponse> {
  try {
    return await fetch(url.href, { headers, redirect: "manual", signal });
  } catch (error) {
    signal.throwIfAborted();
    throw new TransientFailure(unreachable(url.host, reasonOf(error), error));
  }
}

/** The system's code of a failed connection, which `fetch` hides in causes. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ("code" in error && typeof error.code === "string") return error.code;
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message;
}

function redirectTarget({ status, headers }: HubResponse, from: URL): URL | null {
  const location = headers.get("location");
  if (![301, 302, 303, 307, 308].includes(status) || location === null) return null;
  if (!URL.canParse(location, from.href)) throw unexpected(from.host, "it redirects to no address");
  const target = new URL(location, from);
  if (!/^https?:$/.test(target.protocol)) throw unexpected(from.host, `it redirects to ${target.protocol}`);
  // What fails at such an address would repeat it in its message.
  if (target.username + target.password !== "")
    throw unexpected(from.host, "it redirects to an address with a password");
  return target;
}

async function checked(
  response: HubResponse,
  { host }: URL,
  { what, page }: HubRequest,
  token: TokenUse,
): Promise<HubResponse> {
  const { status, headers } = response;
  if (status === 200 || status === 206 || status === 416) return response;
  await response.text().catch(() => "");
  const wait = retryAfter(headers.get("retry-after"));
  switch (status) {
    case 401:
      throw unauthorised(host, what, token);
    case 403:
      throw gated(page, what, token);
    case 404:
      throw notFound(host, what);
    case 429:
      throw new TransientFailure(busy(host, wait), wait);
    default:
      if (status === 408 || status >= 500)
        throw new TransientFailure(unreachable(host, `status ${status}`), wait);
      throw unexpected(host, `status ${status} for ${what}`);
  }
}

/** Milliseconds of a `Retry-After`, which says seconds or a date; null where it says nothing. */
export function retryAfter(header: string | null, now = Date.now()): number | null {
  if (header === null) return null;
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}
