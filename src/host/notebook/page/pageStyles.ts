/** Styles of an exported notebook: readable in light and dark, and on paper. */
export const PAGE_STYLES = `
:root { color-scheme: light dark; --line: #8884; --accent: 0 103 192; --soft: #8881; --error: #c42b1c; --quiet: #5f5f5f; }
@media (prefers-color-scheme: dark) { :root { --accent: 96 176 255; --error: #ff8a80; --quiet: #a6a6a6; } }
body { margin: 0; font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1000px; margin: 0 auto; padding: 24px 16px 64px; }
section { margin: 16px 0; }
pre { margin: 0; font: 13px/1.5 ui-monospace, Consolas, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
.markdown pre, .text { background: var(--soft); padding: 8px 12px; overflow-x: auto; }
.text { white-space: pre; }
.source { border: 1px solid var(--line); border-left: 3px solid rgb(var(--accent)); padding: 8px 12px; }
.facts { float: right; color: var(--quiet); font-variant-numeric: tabular-nums; font-size: 12px; }
article { display: flex; flex-wrap: wrap; gap: 16px; margin: 12px 0; }
figure { margin: 0; flex: 0 1 360px; }
img { max-width: 100%; height: auto; display: block; }
figcaption, .note { color: var(--quiet); font-size: 12px; margin: 4px 0; }
.answer { flex: 1 1 300px; min-width: 0; }
.tokens { margin: 0 0 12px; line-height: 2; }
.token { padding: 2px 3px; margin: 0 1px; border-radius: 3px; border: 1px solid var(--line); }
.error { white-space: pre-line; color: var(--error); border-left: 3px solid; padding: 4px 12px; margin: 12px 0; }
${Array.from({ length: 10 }, (_, index) => `.t${index + 1} { background: rgb(var(--accent) / ${(index + 1) * 6}%); }`).join("\n")}
@media print { article { break-inside: avoid; } }
`;
