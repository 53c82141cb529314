/** VS Code's own themes by kind, and what a page inside is told of them. */
export const THEMES = {
  light: { name: "Default Light Modern", kind: "vscode-light" },
  dark: { name: "Default Dark Modern", kind: "vscode-dark" },
  "hc-black": { name: "Default High Contrast", kind: "vscode-high-contrast" },
  "hc-light": { name: "Default High Contrast Light", kind: "vscode-high-contrast-light" },
} as const;
