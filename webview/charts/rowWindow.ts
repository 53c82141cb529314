import { element } from "../components/element.js";

const SPARE = 6;

/** How a list makes its rows; `key` names a row, `index` is its place in the order. */
export interface RowMaker {
  draw(key: number, index: number): HTMLElement;
  /** All that the drawn row depends on: a row for which it is the same as before stays as it is. */
  describe(key: number, index: number): string;
  /** The row that remains in the document out of sight, as it holds the focus. */
  stays(): number | null;
}

interface DrawnRow {
  readonly node: HTMLElement;
  readonly description: string;
}

/** A list of rows of one height, of which only those in sight of the scroller are in the document. */
export class RowWindow {
  readonly root = element("div.rows", { attributes: { role: "rowgroup" } });
  private readonly drawn = new Map<number, DrawnRow>();
  private keys: readonly number[] = [];
  private height = 1;
  /** Where the scroller is and its height, as last told: asking for them makes the page lay out everything. */
  private top = 0;
  private room = 0;

  constructor(
    private readonly scroller: HTMLElement,
    private readonly maker: RowMaker,
  ) {
    const look = (): void => {
      [this.top, this.room] = [scroller.scrollTop, scroller.clientHeight];
      this.fill();
    };
    scroller.addEventListener("scroll", look, { passive: true });
    new ResizeObserver(look).observe(scroller);
  }

  /** Shows these rows, by key, in this order; only rows that differ from before are drawn anew. */
  show(keys: readonly number[], height: number): void {
    [this.keys, this.height] = [keys, height];
    this.root.style.height = `${keys.length * height}px`;
    for (const [key, { description }] of this.drawn) {
      if (this.describe(key, keys.indexOf(key)) !== description) this.remove(key);
    }
    this.fill();
  }

  /** Back to the first row. */
  scrollToTop(): void {
    if (this.top === 0) return;
    this.scroller.scrollTop = this.top = 0;
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
    this.top = scroller.scrollTop;
    this.fill();
  }

  /** The row's element, when it is in the document. */
  rowOf(key: number): HTMLElement | undefined {
    return this.drawn.get(key)?.node;
  }

  private fill(): void {
    const wanted = this.inSight();
    for (const key of this.drawn.keys()) if (!wanted.has(key)) this.remove(key);
    for (const [key, index] of wanted) {
      if (this.drawn.has(key)) continue;
      const row = this.maker.draw(key, index);
      row.style.top = `${index * this.height}px`;
      row.style.height = `${this.height}px`;
      row.dataset["index"] = String(index);
      this.drawn.set(key, { node: row, description: this.describe(key, index) });
      this.insert(row, index);
    }
  }

  private describe(key: number, index: number): string {
    return index < 0 ? "" : `${index} ${this.height} ${this.maker.describe(key, index)}`;
  }

  private remove(key: number): void {
    this.drawn.get(key)?.node.remove();
    this.drawn.delete(key);
  }

  /** Keys of the rows in sight and of some around them, with their places. */
  private inSight(): Map<number, number> {
    const first = Math.max(0, Math.floor(this.top / this.height) - SPARE);
    const last = Math.ceil((this.top + this.room) / this.height) + SPARE;
    const wanted = new Map(this.keys.slice(first, last).map((key, offset) => [key, first + offset] as const));
    const staying = this.maker.stays();
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
