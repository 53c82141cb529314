import * as vscode from "vscode";
import { FILL_LEVELS, LINE_LEVELS } from "./tintLevels.js";

/** Theme colour of the tint (package.json). */
export const TINT_COLOUR = "dexar.promptTint";

/** The decorations of the tint, by step. */
export interface TintStyles extends vscode.Disposable {
  /** By how many heads a word won. */
  readonly fills: readonly vscode.TextEditorDecorationType[];
  /** By how strongly; none in high contrast, where lines stand for the heads. */
  readonly lines: readonly vscode.TextEditorDecorationType[];
}

/** Makes the decorations for a kind of theme: tints of one colour, and in high contrast lines instead of tints. */
export function makeTintStyles(kind: vscode.ColorThemeKind): TintStyles {
  const isHighContrast =
    kind === vscode.ColorThemeKind.HighContrast || kind === vscode.ColorThemeKind.HighContrastLight;
  const options = isHighContrast
    ? { fills: CONTRAST_LINES, lines: [] }
    : { fills: range(FILL_LEVELS, fill), lines: range(LINE_LEVELS, line) };
  const fills = options.fills.map((option) => decoration(option));
  const lines = options.lines.map((option) => decoration(option));
  return {
    fills,
    lines,
    dispose: () => {
      for (const made of [...fills, ...lines]) made.dispose();
    },
  };
}

type Options = vscode.DecorationRenderOptions;

/** One theme colour in several strengths: the theme's own colours have no weaker ones. */
function tint(percent: number): string {
  return `color-mix(in srgb, var(--vscode-dexar-promptTint) ${percent}%, transparent)`;
}

function fill(step: number): Options {
  return { backgroundColor: tint(10 + 9 * step), borderRadius: "2px" };
}

function line(step: number): Options {
  return { borderStyle: "solid", borderWidth: "0 0 2px 0", borderColor: tint(30 + 35 * step) };
}

const CONTRAST_LINES: readonly Options[] = [
  contrastLine("dotted", 1),
  contrastLine("dashed", 2),
  contrastLine("solid", 2),
  contrastLine("double", 4),
];

function contrastLine(borderStyle: string, width: number): Options {
  return { borderStyle, borderWidth: `0 0 ${width}px 0`, borderColor: new vscode.ThemeColor(TINT_COLOUR) };
}

function decoration(options: Options): vscode.TextEditorDecorationType {
  return vscode.window.createTextEditorDecorationType({
    ...options,
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
  });
}

function range(count: number, make: (step: number) => Options): Options[] {
  return Array.from({ length: count }, (_, step) => make(step));
}
