import { PanelApp } from "./app.js";
import { showRecordedRun } from "./recordedRun.js";
import { pageHost } from "./pageHost.js";
import { vscodeHost } from "./vscodeHost.js";

declare const acquireVsCodeApi: (() => Parameters<typeof vscodeHost>[0]) | undefined;

const inEditor = typeof acquireVsCodeApi === "function";
const host = inEditor ? vscodeHost(acquireVsCodeApi(), window) : pageHost(document);
if (host.recorded === null) new PanelApp(host, document.body);
else void showRecordedRun(host, host.recorded, document.body);
