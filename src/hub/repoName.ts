import { badName } from "./hubErrors.js";

/** Whether a text has the form of a model's name on the hub: `owner/name`. */
export function isRepoName(text: string): boolean {
  return (
    /^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*$/.test(text) &&
    !/\.\.|--|[.-](?=\/|$)/.test(text) &&
    text.length < 200
  );
}

/** The name as it is. @throws DexarError `hub-bad-name` */
export function repoName(text: string): string {
  const name = text.trim().replace(/^https:\/\/[^/]+\/(?=[^/]+\/[^/]+\/?$)|\/$/g, "");
  if (!isRepoName(name)) throw badName(text);
  return name;
}
