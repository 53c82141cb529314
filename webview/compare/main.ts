import { CompareApp } from "./app.js";
import { editorHost, recordedHost } from "./compareHost.js";

declare const acquireVsCodeApi: (() => Parameters<typeof editorHost>[0]) | undefined;

const inEditor = typeof acquireVsCodeApi === "function";
const host = inEditor ? editorHost(acquireVsCodeApi(), window) : recordedHost(document);
new CompareApp(host, document.body);
