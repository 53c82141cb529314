import type { Page } from "playwright-core";
import type { Random } from "../scenes/random.js";
import { Actions, type Point, type Samples } from "./actions.js";

/** What is measured: name to samples of all rounds. */
export type SamplesByAction = Map<string, Samples>;

type Add = (action: string, samples: Samples) => void;

/** Heads pointed at, of all. */
const HEADS = 90;
/** Rows of the filter table whose heads are forced. */
const ROWS = 12;
const TEXT_SETS = ["prompt", "generated", "no-special", "all"];

/** Hovers, pins, forces, drags and switches in a freshly opened run, and adds what each took. */
export async function measureActions(page: Page, random: Random, all: SamplesByAction): Promise<void> {
  const actions = new Actions(page, random);
  const add: Add = (action, samples) => void all.set(action, [...(all.get(action) ?? []), ...samples]);
  await hoverAndPin(page, actions, random, add);
  await forceHeads(page, actions, add);
  await limitLayers(page, actions, random, add);
  await switchTextSets(page, actions, add);
}

async function hoverAndPin(page: Page, actions: Actions, random: Random, add: Add): Promise<void> {
  await actions.bringIntoSight(page.locator(".matrix-focus"), "end");
  const chips = await actions.middles(page.locator(".chip"));
  add("hover a token, first time", await actions.hover(chips, "mouseover"));
  add("hover a token, again", await actions.hover(chips, "mouseover"));
  const heads = random.shuffle(await headPlaces(page, actions)).slice(0, HEADS);
  add("hover a head (answer), first time", await actions.hover(heads, "pointermove"));
  add("hover a head (answer), again", await actions.hover(heads, "pointermove"));
  const pins: Samples = [];
  for (const index of [9, 40, 17]) pins.push(await actions.click(page.locator(".chip").nth(index)));
  add("pin a token", pins);
  add("hover a head (token), first time", await actions.hover(heads, "pointermove"));
  add("hover a head (token), again", await actions.hover(heads, "pointermove"));
  await actions.leave();
}

/** Where the labels of columns and rows cross there is a head. */
async function headPlaces(page: Page, actions: Actions): Promise<Point[]> {
  const columns = await actions.middles(page.locator(".head-matrix .column"));
  const rows = await actions.middles(page.locator(".head-matrix .row"));
  return rows.flatMap(([, y]) => columns.map(([x]): Point => [x, y]));
}

/** Without the pointer on the row the pinned token's map is on the picture, with it the head's own. */
async function forceHeads(page: Page, actions: Actions, add: Add): Promise<void> {
  const rows = page.locator(".filter-grid .rows .row");
  await actions.bringIntoSight(rows.first(), "center");
  const button = (row: number, part: string) => rows.nth(row).locator(`[data-part="${part}"]`);
  add("drop a head, first change of the run", [await actions.activate(button(0, "drop"))]);
  const [dropped, kept, clicked]: [Samples, Samples, Samples] = [[], [], []];
  for (let row = 1; row < ROWS; row++) {
    dropped.push(await actions.activate(button(row, "drop")));
    kept.push(await actions.activate(button(row, "keep")));
  }
  for (let row = 1; row < 6; row++) clicked.push(await actions.click(button(row, "drop")));
  await actions.leave();
  add("drop a head", dropped);
  add("keep a head", kept);
  add("drop a head, pointer on its row", clicked);
  const places = await actions.middles(page.locator(".filter-grid .rows .row .text"));
  add("hover a row of the table", await actions.hover(places.slice(0, 6), "pointerover"));
  await actions.leave();
}

async function limitLayers(page: Page, actions: Actions, random: Random, add: Add): Promise<void> {
  await actions.bringIntoSight(page.locator(".layer-focus"), "center");
  const bars = await actions.middles(page.locator(".layer-bars .bar.image"));
  const samples: Samples = [];
  for (let drag = 0; drag < 8; drag++)
    samples.push(await actions.drag(random.pick(bars.slice(0, 14)), random.pick(bars.slice(14))));
  add("drag over layers", samples);
  await actions.click(page.locator(".layers vscode-button"));
  await actions.leave();
}

/** Twice around: the page keeps the scores of sets it has seen. */
async function switchTextSets(page: Page, actions: Actions, add: Add): Promise<void> {
  const control = page.locator('[data-setting="text-set"] vscode-dropdown');
  await actions.bringIntoSight(control, "center");
  for (const name of ["switch the text set, first time", "switch the text set, again"]) {
    const samples: Samples = [];
    for (const set of TEXT_SETS) {
      await control.click();
      samples.push(await actions.click(control.locator(`vscode-option[value="${set}"]`)));
    }
    add(name, samples);
  }
}
