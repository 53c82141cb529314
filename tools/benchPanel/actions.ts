import type { Locator, Page } from "playwright-core";
import type { Random } from "../scenes/random.js";
import type { Sample } from "./probe.js";

/** Of one action; null where the overlay was not drawn. */
export type Samples = (Sample | null)[];

/** A place of the window. */
export type Point = readonly [x: number, y: number];

/** Does what a person does, with the browser's own input, and measures each time. */
export class Actions {
  constructor(
    private readonly page: Page,
    private readonly random: Random,
  ) {}

  /** Moves the pointer over these places in random order. */
  async hover(
    places: readonly Point[],
    event: "mouseover" | "pointermove" | "pointerover",
  ): Promise<Samples> {
    const samples: Samples = [];
    for (const [x, y] of this.random.shuffle([...places])) {
      await this.arm(event);
      await this.page.mouse.move(x, y);
      samples.push(await this.sample());
    }
    return samples;
  }

  /** Clicks with the pointer. */
  async click(target: Locator): Promise<Sample | null> {
    await target.hover();
    await this.settle();
    await this.arm("click");
    await this.page.mouse.down();
    await this.page.mouse.up();
    return this.sample();
  }

  /** Activates a control with the pointer elsewhere, so that the pinned token's map stays on the picture. */
  async activate(target: Locator): Promise<Sample | null> {
    await target.evaluate((node: HTMLElement) => {
      window.probe.arm(null);
      node.click();
    });
    return this.sample();
  }

  /** Drags from one place to another; measured from letting go. */
  async drag(from: Point, to: Point): Promise<Sample | null> {
    await this.page.mouse.move(...from);
    await this.page.mouse.down();
    await this.page.mouse.move(...to, { steps: 4 });
    await this.settle();
    await this.arm("pointerup");
    await this.page.mouse.up();
    return this.sample();
  }

  /** The middles of elements, as they lie in the window now. */
  async middles(target: Locator): Promise<Point[]> {
    return target.evaluateAll((nodes) =>
      nodes.map((node): [number, number] => {
        const { left, top, width, height } = node.getBoundingClientRect();
        return [left + width / 2, top + height / 2];
      }),
    );
  }

  /** Scrolls the page so that an element is seen. */
  async bringIntoSight(target: Locator, block: ScrollLogicalPosition): Promise<void> {
    await target.evaluate((node, where) => node.scrollIntoView({ block: where }), block);
    await this.settle();
  }

  /** Moves the pointer off everything. */
  async leave(): Promise<void> {
    await this.page.mouse.move(2, 2);
    await this.settle();
  }

  /** Waits until what was asked for is drawn, read-outs that come later too. */
  async settle(): Promise<void> {
    await this.page.waitForTimeout(250);
  }

  private arm(event: string): Promise<void> {
    return this.page.evaluate((type) => window.probe.arm(type), event);
  }

  private sample(): Promise<Sample | null> {
    return this.page.evaluate(() => window.probe.sample());
  }
}
