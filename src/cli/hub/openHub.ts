import type * as Undici from "undici";
import { DexarError } from "../../core/errors.js";
import type { Hub } from "../../hub/hubApi.js";
import { hubEndpoint } from "../../hub/hubEndpoint.js";
import { readToken } from "../../hub/readToken.js";
import type { HubFetch } from "../../hub/request.js";
import { PATIENCE } from "../../hub/retry.js";
import type { CliIo } from "../io.js";

/** The hub of the environment: `HF_ENDPOINT`, the user's token, and the proxy where one is set. */
export async function openHub(env: CliIo["env"], signal: AbortSignal): Promise<Hub> {
  const endpoint = hubEndpoint(env);
  return {
    endpoint,
    token: await readToken(env),
    fetch: await proxiedFetch(env),
    signal,
    patience: PATIENCE,
  };
}

/** `fetch`, through the proxy that `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` name. */
async function proxiedFetch(env: CliIo["env"]): Promise<HubFetch> {
  const setting = (name: string) => env[name.toLowerCase()] || env[name];
  const [httpProxy, httpsProxy] = [setting("HTTP_PROXY"), setting("HTTPS_PROXY")];
  if (httpProxy === undefined && httpsProxy === undefined) return fetch;
  // Node 20 knows no proxies, and its fetch takes no agent of another version of undici: so both are undici's.
  // Its names are those of the default export, of which its types tell only some.
  const { default: undici } = (await import("undici")) as unknown as { readonly default: typeof Undici };
  const noProxy = setting("NO_PROXY") ?? "";
  const proxies = { ...(httpProxy && { httpProxy }), ...(httpsProxy && { httpsProxy }) };
  const dispatcher = proxyAgent(() => new undici.EnvHttpProxyAgent({ noProxy, ...proxies }));
  return (url, init) => undici.fetch(url, { ...init, dispatcher });
}

function proxyAgent<T>(make: () => T): T {
  try {
    return make();
  } catch {
    // Neither the address, which may hold a password, nor what failed at it is repeated.
    throw new DexarError(
      "hub-proxy",
      "HTTPS_PROXY or HTTP_PROXY is not the address of a proxy.",
      "Write it as http://host:port; in a name or password write special characters as %40.",
    );
  }
}
