/** A model's licence, as its card names it. */
export interface Licence {
  /** The hub's short name, such as `apache-2.0`. */
  readonly id: string;
  /** Its text; null: on the model's page. */
  readonly link: string | null;
}

/** Licences that let everybody do everything but claim the work: nothing has to be accepted first. */
const PERMISSIVE: ReadonlySet<string> = new Set([
  "apache-2.0",
  "mit",
  "bsd-2-clause",
  "bsd-3-clause",
  "isc",
  "unlicense",
  "cc0-1.0",
  "cc-by-4.0",
  "cdla-permissive-1.0",
  "cdla-permissive-2.0",
]);

/** Whether a licence has to be accepted before the download; one that nobody names has to. */
export function needsConsent(licence: Licence | null): boolean {
  return licence === null || !PERMISSIVE.has(licence.id.toLowerCase());
}

/** Whether a value read from outside is a licence. */
export function isLicence(value: { readonly id: unknown; readonly link: string | null }): value is Licence {
  return typeof value.id === "string" && value.id !== "";
}
