/** An address without what may be secret in it: name and password, query and fragment. For messages and reports. */
export function withoutSecrets(address: string): string {
  const [scheme = ""] = /^[a-z][\w+.-]*:\/\//i.exec(address) ?? [];
  const rest = address.slice(scheme.length);
  // Nobody can tell whether such an `@` ends a password or stands in a query.
  if (/[?#].*@/s.test(rest)) return `${scheme}…`;
  return scheme + rest.replace(/^.*@/s, "…@").replace(/[?#].*$/s, "…");
}
