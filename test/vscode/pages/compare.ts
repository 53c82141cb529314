import type { FrameLocator, Locator } from "playwright-core";
import type { Panel } from "./panel.js";

/** The page that compares two runs. */
export class Compare {
  readonly page: FrameLocator;

  /** @param panel the page that is to be seen */
  constructor(panel: Panel) {
    this.page = panel.page;
  }

  /** Names, prompts and models of A and B, in a line each. */
  get runs(): Locator {
    return this.page.locator(".compare-run");
  }

  /** What was changed from A to B. */
  get changes(): Locator {
    return this.page.locator(".changes");
  }

  /** The picture of A, of B or their difference. */
  pane(front: "a" | "b" | "difference"): Locator {
    return this.page.locator(`figure.pane[data-front=${front}]`);
  }

  /** Two tokens that stand for each other; `answer`: the whole answers. */
  pair(index: number | "answer"): Locator {
    return this.page.locator(`.aligned [role=option][data-index="${index}"]`);
  }

  /** A number of how alike the maps are, as it is shown. */
  likeness(name: "Overlap" | "Correlation" | "Cosine"): Locator {
    return this.page.locator(".likeness").locator(`dt:text-is("${name}") + dd strong`);
  }

  /** Opens the table of a part and reads its rows. */
  async table(part: "tokens-panel" | "pictures-panel"): Promise<string[][]> {
    const panel = this.page.locator(`.${part}`);
    if ((await panel.locator("details[open]").count()) === 0) await panel.getByText("As a table").click();
    await panel.locator("table.numbers tbody tr").first().waitFor();
    return panel
      .locator("table.numbers tbody tr")
      .evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent)));
  }
}
