import { element } from "../components/element.js";

const SPARE = 6;

/** A list of rows of one height, of which only those in sight of the scroller are in the document. */
export class RowWindow {
  readonly root = element("div.rows", { attributes: { role: "rowgroup" } });
  private readonly drawn = new Map<number, HTMLElement>();
  private keys: readonly number[] = [];
  private height = 1;

  /**
   * @param draw makes the row `key` at `index` of the order
   * @param stays the row that remains in the document out of sight, as it holds the focus
   */
  constructor(
    private readonly scroller: HTMLElement,
    private readonly draw: (key: number, index: number) => HTMLElement,
    private readonly stays: () => number | null,
  ) {
    scroller.addEventListener("scroll", () => this.fill(), { passive: true });
  }

  /** Shows these rows, by key, in this order; every row is drawn anew. */
  show(keys: readonly number[], height: number): void {
    [this.keys, this.height] = [keys, height];
    this.root.style.height = `${keys.length * height}px`;
    this.root.replaceChildren();
    this.drawn.clear();
    this.fill();
  }

  /** Brings a row into sight; nothing happens when it is not among the rows. */
  reveal(key: number): void {
    const { scroller, height } = this;
    const index = this.keys.indexOf(key);
    if (index < 0) return;
    const top = index * height;
    const room = scroller.clientHeight - this.root.offsetTop;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    else if (top + height > scroller.scrollTop + room) scroller.scrollTop = top + height - room;
    this.fill();
  }

  /** The row's element, when it is in the document. */
  rowOf(key: number): HTMLElement | undefined {
    return this.drawn.get(key);
  }

  private fill(): void {
    const wanted = this.inSight();
    for (const [key, row] of this.drawn) {
      if (wanted.has(key)) continue;
      row.remove();
      this.drawn.delete(key);
    }
    for (const [key, index] of wanted) {
      if (this.drawn.has(key)) continue;
      const row = this.draw(key, index);
      row.style.top = `${index * this.height}px`;
      row.style.height = `${this.height}px`;
      row.dataset["index"] = String(index);
      this.drawn.set(key, row);
      this.insert(row, index);
    }
  }

  /** Keys of the rows in sight and of some around them, with their places. */
  private inSight(): Map<number, number> {
    const { scrollTop, clientHeight } = this.scroller;
    const first = Math.max(0, Math.floor(scrollTop / this.height) - SPARE);
    const last = Math.ceil((scrollTop + clientHeight) / this.height) + SPARE;
    const wanted = new Map(this.keys.slice(first, last).map((key, offset) => [key, first + offset] as const));
    const staying = this.stays();
    const place = staying === null ? -1 : this.keys.indexOf(staying);
    if (staying !== null && place >= 0) wanted.set(staying, place);
    return wanted;
  }

  /** Rows stand in the document in their order, for those who read it aloud. */
  private insert(row: HTMLElement, index: number): void {
    const next = Array.from(this.root.children).find(
      (other) => other instanceof HTMLElement && Number(other.dataset["index"]) > index,
    );
    this.root.insertBefore(row, next ?? null);
  }
}
