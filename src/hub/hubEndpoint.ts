import { DexarError } from "../core/errors.js";
import type { Environment } from "./environment.js";

/** The hub that is asked where no mirror is set. */
export const PUBLIC_HUB = "https://huggingface.co";

/**
 * The address of the hub, without a slash at its end.
 * @param setting a mirror's address; empty: `$HF_ENDPOINT`, else the public hub
 * @throws DexarError `hub-endpoint` when it is no http address
 */
export function hubEndpoint(env: Environment, setting = ""): string {
  const address = setting.trim() || env["HF_ENDPOINT"]?.trim() || PUBLIC_HUB;
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== "" || url.search !== "") {
    throw new DexarError(
      "hub-endpoint",
      `The address of the model hub is ${JSON.stringify(withoutSecrets(address))}, which is not an http address.`,
      `Write one such as ${PUBLIC_HUB}, or leave HF_ENDPOINT and the setting empty.`,
    );
  }
  return url.href.replace(/\/+$/, "");
}

/** People put passwords into addresses; those do not go into messages. */
function withoutSecrets(address: string): string {
  return address.replace(/\/\/[^/@]*@/, "//…@").replace(/\?.*$/s, "?…");
}
