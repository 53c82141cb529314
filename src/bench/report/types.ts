/** One measured quantity. */
export interface BenchRow {
  /** Stays the same between versions: `whole.k16`, `memory.private.plain`, … */
  readonly id: string;
  /** What it is, in words. */
  readonly label: string;
  readonly unit: "ms" | "bytes";
  /** Median; null: not measured here, see `note`. */
  readonly value: number | null;
  /** First and third quartile of the rounds, where there were several. */
  readonly quartiles?: readonly [number, number];
  /** What it is compared with, in the same unit. */
  readonly against?: number;
  /** `value / against` */
  readonly ratio?: number;
  /** The largest (and smallest) ratio that counts as reached, and whether it was. */
  readonly bar?: { readonly limit: number; readonly least?: number; readonly met: boolean };
  readonly note?: string;
}

/** How a quantity grows: `value = intercept + slope * x`. */
export interface BenchGrowth {
  readonly id: string;
  readonly label: string;
  /** Unit of x, singular: `answer token`, `image token`. */
  readonly per: string;
  readonly points: readonly (readonly [x: number, ms: number])[];
  /** Milliseconds per unit of x. */
  readonly slope: number;
  readonly intercept: number;
  readonly r2: number;
}

/** The measurements of one model. */
export interface ModelReport {
  readonly shape: string;
  readonly style: string;
  readonly dtype: string;
  /** All positions of the prompt, those of the image included. */
  readonly promptTokens: number;
  readonly imageTokens: number;
  readonly tokens: number;
  readonly rounds: number;
  /** Whether every capture schedule gave the ids of plain generation. */
  readonly sameAnswer: boolean;
  readonly rows: readonly BenchRow[];
  /** Empty in the short form. */
  readonly growth: readonly BenchGrowth[];
}

/** What `dexar bench` measured, and where. */
export interface BenchReport {
  readonly tool: string;
  readonly time: string;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    /** Bytes. */
    readonly memory: number;
    readonly platform: string;
    readonly node: string;
    readonly onnxruntime: string;
    readonly transformers: string;
    /** Mean number of busy cores in the minute before the start and before the end; zeros on Windows. */
    readonly load: readonly [before: number, after: number];
  };
  readonly models: readonly ModelReport[];
}
