/**
 * Counters of passkeys, over all that a record holds. One that does not grow may speak of a copy of the key: people are told, and nothing
 * is refused for it.
 */
import { z } from 'zod';
import { PasskeyFields, signCountIn, signCountRegressed } from './passkey';

/** Of a signature that a passkey has made. */
const Touch = z.object({
  key: z.string(),
  issued: z.iso.datetime(),
  value: z.string(),
  /** Longer than that none is believed that was looked at. */
  authenticatorData: PasskeyFields.shape.authenticatorData.length(50),
});
export type Touch = Readonly<z.infer<typeof Touch>>;

/** Undefined where no passkey has made it. */
export function touchIn(signature: unknown): Touch | undefined {
  return z.safeParse(Touch, signature).data;
}

export interface Regression<Place> {
  readonly person: string;
  readonly key: string;
  readonly before: number;
  readonly now: number;
  readonly place: Place;
}

export interface SignCounts<Place> {
  /** The same signature counts once, wherever it stands. @param at when it was recorded, ISO 8601 UTC */
  add(person: string, touch: Touch, at: string, place: Place): void;
  /** By person and key, each in the order of its signatures' times. */
  regressions(): Regression<Place>[];
}

export function openSignCounts<Place>(): SignCounts<Place> {
  interface Use {
    readonly issued: number;
    readonly at: number;
    readonly count: number;
    readonly place: Place;
  }
  const keys = new Map<
    string,
    { readonly person: string; readonly key: string; readonly uses: Map<string, Use> }
  >();
  return {
    add(person, { key, issued, value, authenticatorData }, at, place) {
      const name = JSON.stringify([person, key]);
      const of = keys.get(name) ?? { person, key, uses: new Map<string, Use>() };
      keys.set(name, of);
      if (of.uses.has(value)) return;
      const count = signCountIn(authenticatorData);
      of.uses.set(value, { issued: Date.parse(issued), at: Date.parse(at), count, place });
    },
    regressions: () =>
      [...keys.values()].flatMap(({ person, key, uses }) => {
        const ordered = [...uses.values()].sort(
          (one, other) => one.issued - other.issued || one.at - other.at || one.count - other.count,
        );
        return ordered.slice(1).flatMap(({ count: now, place }, nth) => {
          const before = ordered[nth]?.count ?? 0;
          return signCountRegressed(before, now) ? [{ person, key, before, now, place }] : [];
        });
      }),
  };
}
