import type { Services } from "../services.js";
import type { ReadSettings } from "../settings/hostSettings.js";

/** What the language-model tools work with. */
export interface ToolServices extends Pick<Services, "explain" | "runs" | "models"> {
  readonly readSettings: ReadSettings;
}

/** Makes the services when a tool is first called. */
export type GetToolServices = () => ToolServices;
