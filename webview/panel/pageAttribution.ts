import { attributionInput } from "../../src/core/attribution/attributionInput.js";
import { Attributor } from "../../src/core/attribution/attributor.js";
import type { AttributionSettings } from "../../src/core/attribution/settings.js";
import type { DroppedMaps } from "../../src/core/attribution/types.js";
import type { ReportData } from "../../src/core/run/reportData.js";
import type { ShownAttribution } from "../../src/core/run/shownAttribution.js";
import type { WhatIf } from "./store.js";

/** What an explanation depends on besides the run. */
export interface AttributionChoice {
  readonly settings: AttributionSettings;
  readonly whatIf: WhatIf | null;
}

/** Works out a run's explanation inside the page; without the gradient it stays as it was saved. */
export class PageAttribution {
  private readonly attributor: Attributor | null;
  private readonly saved: ShownAttribution;
  private replaced: number | null = null;
  private dropped: DroppedMaps | null = null;
  /** True once the attributor has worked out what is shown now. */
  private current = false;

  /** @throws DexarError those of `Attributor.attribute`, where the saved explanation is not complete */
  constructor(private readonly data: ReportData) {
    const { info, arrays } = data;
    this.attributor = arrays.gradient === null ? null : new Attributor(attributionInput({ info, arrays }));
    this.saved = this.complete(data.attribution);
  }

  /** The explanation under this choice; the run's own is taken as it was saved. */
  attribute(choice: AttributionChoice): ShownAttribution {
    this.current = false;
    this.dropped = null;
    const own = choice.settings === this.data.info.settings && choice.whatIf === null;
    return own ? this.saved : this.workOut(choice);
  }

  /** Maps of the heads that the filter dropped; null when the page has no gradient. Worked out at the first call. */
  droppedMaps(choice: AttributionChoice): DroppedMaps | null {
    if (this.attributor === null) return null;
    if (!this.current) this.workOut(choice);
    this.dropped ??= this.attributor.droppedMaps();
    return this.dropped;
  }

  /** Adds who won and layer shares, as `shownAttribution` does; what that takes makes the first change quick. */
  private complete(stored: ShownAttribution): ShownAttribution {
    if (stored.reasons || this.attributor === null) return stored;
    return { ...this.attributor.attribute(this.data.info.settings), ...stored };
  }

  private workOut({ settings, whatIf }: AttributionChoice): ShownAttribution {
    if (this.attributor === null) return this.saved;
    if (this.replaced !== null && this.replaced !== whatIf?.token)
      this.attributor.replaceRow(this.replaced, null);
    if (whatIf) this.attributor.replaceRow(whatIf.token, whatIf.row);
    this.replaced = whatIf?.token ?? null;
    const attribution = this.attributor.attribute(settings);
    this.current = true;
    return attribution;
  }
}
