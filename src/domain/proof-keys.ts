/**
 * Whose keys count, as somebody outside of the record says: the directory of reviewers, read for its names, keys and identities alone. Of
 * what else stands there a verifier needs nothing, so that a directory of another version is read as well.
 */
import { z } from 'zod';
import { canonical, sha256Hex } from './digest';

const Key = z.looseObject({
  id: z.string(),
  /** Ed25519, 32 bytes in base64; a passkey has fields of its own. */
  public: z.string().optional(),
  kind: z.string().optional(),
  from: z.string().optional(),
  until: z.string().optional(),
  revoked: z.string().optional(),
});
export type ProofKey = z.infer<typeof Key>;

const keys = z.array(Key).optional();
const Person = z.looseObject({
  name: z.string(),
  aliases: z.array(z.string()).optional(),
  identities: z
    .array(z.looseObject({ method: z.string(), issuer: z.string(), subject: z.string() }))
    .optional(),
  keys,
});
const Door = z.looseObject({ name: z.string(), keys, methods: z.array(z.string()).optional() });
const Worker = z.looseObject({ name: z.string(), keys });

export const ProofDirectory = z.looseObject({
  deployment: z.string().optional(),
  people: z.array(Person),
  doors: z.array(Door).optional(),
  workers: z.array(Worker).optional(),
});
export type ProofDirectory = z.infer<typeof ProofDirectory>;
export type ProofPerson = z.infer<typeof Person>;

/** As the record names a version of it. */
export function directoryHash(directory: ProofDirectory): string {
  return sha256Hex(canonical(directory));
}

export function personOf({ people }: ProofDirectory, name: string): ProofPerson | undefined {
  return people.find((one) => one.name === name) ?? people.find(({ aliases = [] }) => aliases.includes(name));
}

export function keysOf(holder: { readonly keys?: readonly ProofKey[] | undefined } | undefined, id: unknown) {
  return holder?.keys?.find((key) => key.id === id);
}

/** Every key of every holder, as one text each: a version whose keys are all among another's names nobody whom that one does not. */
function holdings({ people, doors = [], workers = [] }: ProofDirectory): string[] {
  const of = (role: string, holders: readonly { name: string; keys?: ProofKey[] | undefined }[]) =>
    holders.flatMap(({ name, keys: own = [] }) =>
      own.map(({ from: _from, until: _until, revoked: _revoked, ...key }) => canonical([role, name, key])),
    );
  return [...of('person', people), ...of('door', doors), ...of('worker', workers)];
}

/** Whether it could have been the same directory at another time: keys come, and are never given to another holder. */
export function isVersionOf(recorded: ProofDirectory, given: readonly ProofDirectory[]): boolean {
  return given.some((one) => {
    const held = new Set(holdings(one));
    return holdings(recorded).every((key) => held.has(key));
  });
}

const HOUR = 60 * 60_000;
/** Clocks may differ by so much; milliseconds. */
const SKEW = 5 * 60_000;
export const LONGEST = { file: 24 * HOUR, passkey: HOUR / 6, vouch: HOUR / 12 } as const;

/** Why a key did not count at `at`, in words. @param at ISO 8601 UTC */
export function keyTrouble({ id, from, until, revoked }: ProofKey, at: string): string | undefined {
  const when = Date.parse(at);
  if (revoked !== undefined && !(when < Date.parse(revoked)))
    return `the key ${id} was revoked at ${revoked}`;
  if (from !== undefined && !(when >= Date.parse(from))) return `the key ${id} is good from ${from} on`;
  if (until !== undefined && !(when < Date.parse(until))) return `the key ${id} was good until ${until}`;
  return undefined;
}

export interface Life {
  readonly issued: string;
  readonly expires: string;
}

/** Why its times are none of a signature's, in words. @param longest milliseconds. @param at when it was recorded */
export function lifeTrouble({ issued, expires }: Life, longest: number, at: string): string | undefined {
  const [from, until] = [Date.parse(issued), Date.parse(expires)];
  if (from < until && until - from <= longest && from <= Date.parse(at) + SKEW) return undefined;
  return `it is good from ${issued} to ${expires}, which is no life of such a signature`;
}
