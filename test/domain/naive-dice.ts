/** Chance that comes out the same for the same number, so that a case that was found can be looked at again. */
export interface Dice {
  /** From 0 up to, not including, `most`. */
  below(most: number): number;
  /** True so many times of a hundred. */
  often(percent: number): boolean;
  one<T>(of: readonly T[]): T;
  /** In another order. */
  mixed<T>(of: readonly T[]): T[];
  /** Each with that chance, in their order. */
  some<T>(of: readonly T[], percent: number): T[];
}

export function dice(seed: number): Dice {
  let state = (seed * 0x9e3779b1 + 0x7f4a7c15) >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (most: number) => Math.floor(next() * most);
  const often = (percent: number) => next() * 100 < percent;
  return {
    below,
    often,
    one: (of) => of[below(of.length)]!,
    mixed(of) {
      const left = [...of];
      return of.map(() => left.splice(below(left.length), 1)[0]!);
    },
    some: (of, percent) => of.filter(() => often(percent)),
  };
}
