/** The dev page's controls: what is chosen is the address of the frame, and is kept in the page's own. */
const NAMES = ["run", "scene", "theme", "width"] as const;

function field(name: (typeof NAMES)[number]): HTMLSelectElement | null {
  return document.querySelector<HTMLSelectElement>(`#${name}`);
}

function show(): void {
  const chosen = new URLSearchParams(NAMES.map((name) => [name, field(name)?.value ?? ""]));
  const frame = document.querySelector<HTMLIFrameElement>("#panel");
  if (!frame) return;
  const width = Number(chosen.get("width"));
  frame.style.width = Number.isNaN(width) ? "100%" : `${width}px`;
  frame.src = `/panel?${chosen.toString()}`;
  history.replaceState(null, "", `?${chosen.toString()}`);
}

for (const [name, value] of new URLSearchParams(location.search)) {
  const control = NAMES.some((known) => known === name) ? field(name as (typeof NAMES)[number]) : null;
  if (control) control.value = value;
}
document.addEventListener("change", show);
show();
