export type BenchUnit = "ms" | "bytes";

/** One measured quantity. */
export interface BenchRow {
  /** Stays the same between versions: `whole.k16`, `memory.private.plain`, … */
  readonly id: string;
  /** The table it belongs to, in words; all rows of a section have the same unit. */
  readonly section: string;
  /** What it is, in words. */
  readonly label: string;
  readonly unit: BenchUnit;
  /** Median; null: not measured here, see `note`. */
  readonly value: number | null;
  /** First and third quartile of the rounds, where there were several. */
  readonly quartiles?: readonly [number, number];
  /** What it is compared with, in the same unit. */
  readonly against?: number;
  /** `value / against` */
  readonly ratio?: number;
  readonly bar?: BenchBar;
  /** Why there is no value. */
  readonly note?: string;
}

/** The ratios that count as reached, and whether it was. */
export interface BenchBar {
  /** The largest; absent: none is too large. */
  readonly limit?: number;
  /** The smallest; absent: none is too small. */
  readonly least?: number;
  readonly met: boolean;
}

/** How a quantity grows: `value = intercept + slope * x`. */
export interface BenchGrowth {
  /** Stays the same between versions: `answer.k16`, `image.step`, … */
  readonly id: string;
  readonly label: string;
  readonly unit: BenchUnit;
  /** Unit of x, singular: `answer token`, `image token`. */
  readonly per: string;
  readonly points: readonly (readonly [x: number, value: number])[];
  /** Per unit of x. */
  readonly slope: number;
  /** Of what is known to be kept, the slope that follows. */
  readonly statedSlope?: number;
  readonly intercept: number;
  /** 1: all points lie on the line. */
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
  /** Seed of the weights. */
  readonly seed: number;
  readonly rounds: number;
  /** Whether every capture schedule gave the ids of plain generation. */
  readonly sameAnswer: boolean;
  /** Where the textbook way was measured too. */
  readonly textbook?: TextbookFacts;
  readonly rows: readonly BenchRow[];
  /** Empty in the short form. */
  readonly growth: readonly BenchGrowth[];
}

/** The textbook way in PyTorch beside ours. */
export interface TextbookFacts {
  /** Version of PyTorch. */
  readonly torch: string;
  readonly threads: number;
  /** Whether it would have given our answer. */
  readonly sameAnswer: boolean;
  /** Largest difference between its results and ours, as a share of the largest value. */
  readonly difference: number;
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
  /** True when it was interrupted: the models here are finished, others are missing. */
  readonly partial: boolean;
}
