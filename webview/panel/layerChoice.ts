import { canChangeFilter } from "./canChangeFilter.js";
import type { Store } from "./store.js";

/** Both ends are included, in any order. */
export type LayerRange = readonly [number, number];

/** Choosing a range of layers by pointer or keyboard; nothing is chosen while the filter cannot change. */
export class LayerChoice {
  private range: LayerRange | null = null;
  private cursor: number | null = null;
  private dragging = false;

  /** @param changed is told the range being chosen and the layer under pointer or keyboard cursor */
  constructor(
    private readonly store: Store,
    private readonly changed: (range: LayerRange | null, cursor: number | null) => void,
  ) {}

  /** Starts a range at a layer. */
  begin(layer: number): void {
    this.dragging = canChangeFilter(this.store);
    this.range = this.dragging ? [layer, layer] : null;
    this.cursor = layer;
    this.show();
  }

  /** Moves the cursor, and the range's end while one is being chosen by pointer. */
  point(layer: number | null): void {
    if (this.dragging && layer === null) return;
    this.cursor = layer;
    if (layer === null) this.range = null;
    else if (this.dragging && this.range) this.range = [this.range[0], layer];
    this.show();
  }

  /** Limits the heatmap to the range, or to the layer at the cursor; the present range again: back to all. */
  apply(): void {
    const chosen = this.range ?? (this.cursor === null ? null : ([this.cursor, this.cursor] as const));
    if (!chosen) return;
    const [from, to] = [Math.min(...chosen), Math.max(...chosen) + 1];
    const { layers } = this.store.state.settings;
    this.setLayers(layers[0] === from && layers[1] === to ? [0, this.count] : [from, to]);
  }

  /** Forgets the range that is being chosen. */
  drop(): void {
    this.range = null;
    this.dragging = false;
    this.show();
  }

  /** Back to all layers. */
  reset(): void {
    this.setLayers([0, this.count]);
  }

  isAll(): boolean {
    const [from, to] = this.store.state.settings.layers;
    return to - from === this.count;
  }

  /** True when the key meant something: arrows move, with Shift extend, Enter applies, Escape takes all layers. */
  key(name: string, shift: boolean): boolean {
    const to = {
      ArrowLeft: (this.cursor ?? 1) - 1,
      ArrowDown: (this.cursor ?? 1) - 1,
      ArrowRight: (this.cursor ?? -1) + 1,
      ArrowUp: (this.cursor ?? -1) + 1,
      Home: 0,
      End: this.count - 1,
    }[name];
    if (to !== undefined) this.move(to, shift);
    else if (name === "Enter" || name === " ") this.apply();
    else if (name === "Escape") this.reset();
    else return false;
    return true;
  }

  /** Tells the page again what is being chosen. */
  show(): void {
    this.changed(this.range, this.cursor);
  }

  private get count(): number {
    return this.store.data.info.model.layers;
  }

  private move(layer: number, extend: boolean): void {
    const next = Math.min(this.count - 1, Math.max(0, layer));
    const start = this.range?.[0] ?? this.cursor ?? next;
    this.range = extend && canChangeFilter(this.store) ? [start, next] : null;
    this.cursor = next;
    this.show();
  }

  private setLayers(layers: readonly [number, number]): void {
    this.range = null;
    this.dragging = false;
    const { settings } = this.store.state;
    if (canChangeFilter(this.store)) this.store.set({ settings: { ...settings, layers } });
    this.show();
  }
}
