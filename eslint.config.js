import tseslint from "typescript-eslint";
import { dexarPlugin } from "./scripts/lint/importZones.js";

const SIZE_LIMITS = {
  "max-lines": ["error", { max: 400 }],
  "max-lines-per-function": ["error", { max: 60, skipBlankLines: true, skipComments: true }],
  complexity: ["error", 15],
  "max-depth": ["error", 4],
  "max-params": ["error", 6],
};

const CORRECTNESS = {
  eqeqeq: "error",
  "no-console": "error",
  "prefer-const": "error",
  "no-restricted-syntax": [
    "error",
    { selector: "ExportDefaultDeclaration", message: "Exports have names (CONTRIBUTING.md, style)." },
  ],
};

const TYPED = {
  "@typescript-eslint/no-explicit-any": "error",
  "@typescript-eslint/no-non-null-assertion": "error",
  "@typescript-eslint/no-floating-promises": "error",
  "@typescript-eslint/switch-exhaustiveness-check": [
    "error",
    { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: false },
  ],
  "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
  "@typescript-eslint/no-unnecessary-condition": ["error", { allowConstantLoopConditions: true }],
  "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
  "@typescript-eslint/restrict-template-expressions": [
    "error",
    { allowNumber: true, allowBoolean: true, allowArray: true },
  ],
  // ONNX stores its enums as plain integers: comparing the two is what reading a model is.
  "@typescript-eslint/no-unsafe-enum-comparison": "off",
  // Interfaces with asynchronous methods have members that need not wait.
  "@typescript-eslint/require-await": "off",
};

export default tseslint.config(
  {
    ignores: ["dist/", "out/", ".cache/", "models/", "examples/", "test/fixtures/", "**/*.d.ts"],
  },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    plugins: { dexar: dexarPlugin },
    rules: { ...SIZE_LIMITS, ...CORRECTNESS, ...TYPED, "dexar/import-zones": "error" },
  },
  {
    files: ["test/**/*.ts"],
    rules: {
      // A describe block is a list of cases, and a plain re-computation to compare with is one piece.
      "max-lines-per-function": "off",
      complexity: "off",
    },
  },
  {
    files: ["**/*.js"],
    languageOptions: { globals: { process: "readonly", console: "readonly", URL: "readonly" } },
    rules: { ...SIZE_LIMITS, eqeqeq: "error", "prefer-const": "error", "no-undef": "error" },
  },
  {
    files: ["vitest*.config.ts", "tools/**/*.ts", "scripts/**/*.js"],
    rules: { "no-console": "off", "no-restricted-syntax": "off" },
  },
);
