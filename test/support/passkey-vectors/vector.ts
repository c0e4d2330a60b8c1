/** A vector: an entry, a text and an assertion, and whether it holds. A vector that does not hold breaks one rule and keeps all others. */
import type { PasskeyAssertion, PasskeyEntry } from '../../../src/domain/passkey';
import { passkeyFacts } from '../../../src/providers/reviewers/passkey';
import { assertionOf, testPasskey, type Alg, type Bent, type Passkey } from '../passkey';

/** The rules in the order in which they are judged. `entry` and `key` are of the directory, `encoding` is the wire's. */
export const RULES = [
  ['entry', /^the entry: /],
  ['encoding', /^the assertion: /],
  ['key', /^the public key/],
  ['text', /^the text holds a lone surrogate/],
  ['utf8', /^clientDataJSON is not UTF-8$/],
  ['beginning', /^clientDataJSON does not begin with /],
  ['challenge', /^the challenge is not SHA-256 of the text/],
  ['origin', /^the origin is none of the entry's$/],
  ['json', /^clientDataJSON is not JSON$/],
  ['members', /^clientDataJSON (has a member twice|is nested more than 8 deep)$/],
  ['crossOrigin', /^crossOrigin is there and is not false$/],
  ['topOrigin', /^topOrigin is there$/],
  ['AT', /\(AT\)/],
  ['ED', /\(ED\)/],
  ['length', /^authenticatorData has (fewer|more) than 37 bytes$/],
  ['rpIdHash', /^rpIdHash is not that of the entry's rpId$/],
  ['UP', /\(UP\)$/],
  ['UV', /\(UV\)$/],
  ['reserved', /^a reserved flag is set$/],
  ['BE', /\(BE\) is not as enrolled$/],
  ['BS', /\(BS\)/],
  ['signature', /^the signature is not what the key signed$/],
] as const satisfies readonly (readonly [string, RegExp])[];
export type Rule = (typeof RULES)[number][0];

/** Which rule a sentence speaks of; the sentence itself where it speaks of none. */
export function ruleOf(fault: string | undefined): string | undefined {
  return RULES.find(([, sentence]) => fault !== undefined && sentence.test(fault))?.[0] ?? fault;
}

export interface Vector {
  /** A sentence that says what is done, or what is wrong. */
  readonly name: string;
  readonly holds: boolean;
  /** The one rule, where it does not hold. */
  readonly breaks?: Rule;
  readonly entry: PasskeyEntry;
  readonly text: string;
  readonly assertion: PasskeyAssertion;
  /** Where it holds. */
  readonly facts?: { signCount: number; flags: number; backupEligible: boolean; backedUp: boolean };
}

/** As a decision is signed; for a passkey it is text like any other. */
export const TEXT = `countersign/decision/1
{"decision":{"digest":"${'5d'.repeat(32)}","id":"d1","reviewer":"ana","shown":"${'c0'.repeat(32)}","v":1,"verdict":"approve"},"deployment":"production","expires":"2026-03-02T09:10:00.000Z","gate":"main","issued":"2026-03-02T09:00:00.000Z","level":"HUMAN","root":{"firstRunId":"0197f3a0-8d3c-7c11-9d4e-2f5f0d0c1b2a","workflowId":"refund-4711"},"signer":"ana-phone"}`;

const keys = new Map<Alg, Passkey>();

/** One key of each kind for all vectors that need no other; made once. */
export function keyOf(alg: Alg): Passkey {
  const key = keys.get(alg) ?? testPasskey(alg);
  keys.set(alg, key);
  return key;
}

export function holding(name: string, key: Passkey, bent: Bent = {}, text = TEXT): Vector {
  const assertion = assertionOf(key, text, bent);
  return { name, holds: true, entry: key.entry, text, assertion, facts: passkeyFacts(assertion) };
}

export function breaking(breaks: Rule, name: string, key: Passkey, bent: Bent = {}, text = TEXT): Vector {
  return { name, holds: false, breaks, entry: key.entry, text, assertion: assertionOf(key, text, bent) };
}

/** The first of what is made for a counter of 1, 2, … that will do: for forms that only some signatures or encodings have. */
export function firstOf<T>(made: (signCount: number) => T | undefined): T {
  for (let count = 1; count < 10_000; count++) {
    const one = made(count);
    if (one !== undefined) return one;
  }
  throw new Error('none of 10,000 will do');
}
