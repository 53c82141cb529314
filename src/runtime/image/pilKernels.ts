/** The names Pillow gives its resampling filters. */
export type PilKernel = "nearest" | "box" | "bilinear" | "hamming" | "bicubic" | "lanczos";

/** A smooth filter: its value at a distance in source pixels, zero from `support` on. */
export interface SmoothKernel {
  readonly support: number;
  readonly weight: (distance: number) => number;
}

/** Every filter of Pillow that averages over a neighbourhood. */
export const SMOOTH_KERNELS: Readonly<Record<Exclude<PilKernel, "nearest">, SmoothKernel>> = {
  box: { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  hamming: { support: 1, weight: hamming },
  bicubic: { support: 2, weight: bicubic },
  lanczos: { support: 3, weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

function hamming(distance: number): number {
  const x = Math.abs(distance);
  return x >= 1 ? 0 : sinc(x) * (0.54 + 0.46 * Math.cos(Math.PI * x));
}

/** Keys' cubic with a = -0.5 (torchvision and OpenCV use -0.75). */
function bicubic(distance: number): number {
  const a = -0.5;
  const x = Math.abs(distance);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}
