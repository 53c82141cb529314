/** A text or JSON with `~` in place of the user's folder, whose name is often the user's. */
export function withoutHome(text: string, home: string): string {
  const inJson = JSON.stringify(home).slice(1, -1);
  return home.length > 1 ? text.replaceAll(home, "~").replaceAll(inJson, "~") : text;
}
