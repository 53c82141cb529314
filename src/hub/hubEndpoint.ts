import { DexarError } from "../core/errors.js";
import { withoutSecrets } from "../core/withoutSecrets.js";
import type { Environment } from "./environment.js";

/** The hub that is asked where no mirror is set. */
const PUBLIC_HUB = "https://huggingface.co";

/**
 * The address of the hub, without a slash at its end.
 * @param setting a mirror's address; empty: `$HF_ENDPOINT`, else the public hub
 * @throws DexarError `hub-endpoint` when it is no http address, or holds more than host and path
 */
export function hubEndpoint(env: Environment, setting = ""): string {
  const address = setting.trim() || env["HF_ENDPOINT"]?.trim() || PUBLIC_HUB;
  const url = URL.canParse(address) ? new URL(address) : null;
  if (
    url === null ||
    !/^https?:$/.test(url.protocol) ||
    url.username + url.password !== "" ||
    /[?#]/.test(address)
  ) {
    throw new DexarError(
      "hub-endpoint",
      `The address of the model hub is ${JSON.stringify(withoutSecrets(address))}, which is not a plain http address.`,
      `Write one such as ${PUBLIC_HUB}, without a password or anything after the path, or leave HF_ENDPOINT and the setting empty.`,
    );
  }
  return url.href.replace(/\/+$/, "");
}
