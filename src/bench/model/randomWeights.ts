/** Random numbers that depend on their place alone, so that a matrix can be made in any order and by pieces. */
export interface RandomValues {
  /** The value of element `index`, uniform in [-scale, scale). */
  at(index: number): number;
}

/** The random values of one tensor: the same for the same seed and name, whatever type they are stored in. */
export function randomValues(seed: number, name: string, scale: number): RandomValues {
  const key = mix(hashText(name) ^ Math.imul(seed, 0x9e3779b1));
  return { at: (index) => (mix(Math.imul(index, 0x9e3779b1) ^ key) / 2 ** 31) * scale };
}

/** murmur3's finaliser: 32 bits in, 32 well mixed bits out, signed. */
function mix(value: number): number {
  let x = value;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}

/** FNV-1a. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}
