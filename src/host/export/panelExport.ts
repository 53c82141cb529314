import type { PanelReplies, PanelRequests } from "../../protocol/panel.js";

/** Answers a page's export request. */
export type PanelExport = (params: PanelRequests["export"]) => Promise<PanelReplies["export"]>;
