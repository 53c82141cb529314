import type { FrameLocator, Locator } from "playwright-core";
import type { Panel } from "./panel.js";

/** The page with the results of a prompt file's pictures. */
export class Grid {
  private readonly page: FrameLocator;

  /** @param panel the page that is to be seen */
  constructor(panel: Panel) {
    this.page = panel.page;
  }

  /** How far all pictures are: `2 of 3 done, 1 failed`. */
  get summary(): Locator {
    return this.page.locator(".summary");
  }

  /** The result of a picture. */
  card(picture: string): Locator {
    return this.page
      .getByRole("article")
      .filter({ has: this.page.getByRole("heading", { name: picture, exact: true }) });
  }

  answer(picture: string): Locator {
    return this.card(picture).locator(".answer-text");
  }

  /** Opens the run of a picture in a panel of its own. */
  async open(picture: string): Promise<void> {
    await this.card(picture)
      .getByRole("button", { name: `Open the run of ${picture}` })
      .click();
  }
}
