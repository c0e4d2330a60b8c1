/** One signature at a time: a person's over a decision, a front door's vouch for one, a worker's receipt of an effect. */
import { z } from 'zod';
import { defined } from './defined';
import type { Root } from './digest';
import type { Grade } from './grade';
import {
  keysOf,
  keyTrouble,
  LONGEST,
  lifeTrouble,
  personOf,
  type ProofDirectory,
  type ProofKey,
} from './proof-keys';
import { signedText } from './signed-text';

/** What stands behind a text: 64 bytes in base64, or what a passkey answered. */
export interface Signed {
  readonly value: string;
  readonly authenticatorData?: string | undefined;
  readonly clientDataJSON?: string | undefined;
}

export interface Proving {
  /** From outside of the record, the newest first. */
  readonly directories: readonly ProofDirectory[];
  /** The installation that decisions are signed for. */
  readonly deployment: string;
  /** The least that the directory asks of every decision. */
  readonly floor: Grade;
  /** Approvals before that instant may stand on names that were believed. */
  readonly believedUntil?: string | undefined;
  /** Keys that the store says are workers', where no directory lists any. */
  readonly workers: readonly ProofKey[];
  /** Whether that hash is one of the directory as it was at some time. */
  readonly isKnown: (hash: unknown) => boolean;
  /** Whether the key signed the text; never throws. */
  readonly signs: (key: ProofKey, text: string, signed: Signed) => boolean;
}

/** Where a decision is given. */
export interface Asked {
  readonly root: Root;
  readonly gate: string;
  readonly level: string;
}

const Signature = z.looseObject({
  key: z.string(),
  issued: z.iso.datetime(),
  expires: z.iso.datetime(),
  value: z.string(),
  authenticatorData: z.string().optional(),
  clientDataJSON: z.string().optional(),
});
const Vouch = z.looseObject({
  ...{ door: z.string(), key: z.string(), person: z.string(), method: z.string(), issuer: z.string() },
  ...{ subject: z.string(), authTime: z.iso.datetime(), acr: z.string().optional(), session: z.string() },
  ...{ issued: z.iso.datetime(), expires: z.iso.datetime(), value: z.string() },
});
const Receipt = z.looseObject({
  ...{ effectKey: z.string(), digest: z.string(), result: z.string(), signer: z.string(), value: z.string() },
  directory: z.string().optional(),
});

type Decision = Readonly<Record<string, unknown>>;

interface Decided {
  readonly decision: Decision;
  readonly grade: Grade;
  /** When it was recorded. */
  readonly at: string;
}

/** Why a decision is not proven as surely as the record says, by each of the directories; `late`: it was recorded after its time. */
export function decisionTrouble(
  proving: Proving,
  where: Asked,
  decided: Decided,
): { readonly trouble?: string; readonly late: boolean } {
  const { signature, vouch } = decided.decision;
  const needed = decided.grade === 'signed' ? signature : vouch;
  if (needed === undefined)
    return { trouble: `nothing stands on it that makes it ${decided.grade}`, late: false };
  const troubles = proving.directories.map(
    (directory) =>
      (signature === undefined ? undefined : signatureTrouble(proving, directory, where, decided)) ??
      (vouch === undefined ? undefined : vouchTrouble(proving, directory, where, decided)),
  );
  const late = [signature, vouch].some((one) => !(Date.parse(decided.at) < expiryOf(one)));
  return troubles.includes(undefined) ? { late } : { trouble: troubles[0] ?? 'there is no directory', late };
}

function expiryOf(signed: unknown): number {
  const parsed = z.safeParse(z.looseObject({ expires: z.string() }), signed);
  return parsed.success ? Date.parse(parsed.data.expires) : Infinity;
}

function signatureTrouble(
  { deployment, signs }: Proving,
  directory: ProofDirectory,
  where: Asked,
  { decision, at }: Decided,
): string | undefined {
  const parsed = z.safeParse(Signature, decision['signature']);
  if (!parsed.success) return 'its signature is none';
  const { key: id, issued, expires, ...signed } = parsed.data;
  const person = personOf(directory, String(decision['reviewer']));
  if (person === undefined) return 'the directory knows nobody of that name';
  const key = keysOf(person, id);
  if (key === undefined) return `the directory lists no key ${id} for ${person.name}`;
  const longest = key.kind === 'passkey' ? LONGEST.passkey : LONGEST.file;
  const times = keyTrouble(key, at) ?? lifeTrouble({ issued, expires }, longest, at);
  if (times !== undefined) return times;
  const text = signedText('decision', {
    deployment,
    ...placed(where, decision),
    signer: id,
    issued,
    expires,
  });
  return signs(key, text, signed) ? undefined : `it is not what the key ${id} signed there`;
}

function vouchTrouble(
  { deployment, signs }: Proving,
  directory: ProofDirectory,
  where: Asked,
  { decision, at }: Decided,
): string | undefined {
  const parsed = z.safeParse(Vouch, decision['vouch']);
  if (!parsed.success) return 'its vouch is none';
  const {
    door: name,
    key: id,
    person: whom,
    method,
    issuer,
    subject,
    authTime,
    acr,
    session,
    issued,
    expires,
  } = parsed.data;
  const person = personOf(directory, String(decision['reviewer']));
  if (person?.name !== whom) return `it vouches for ${whom}`;
  const isOwn = (one: { method: string; issuer: string; subject: string }) =>
    one.method === method && one.issuer === issuer && one.subject === subject;
  if (person.identities?.some(isOwn) !== true) return `that is no identity of ${whom}`;
  const door = directory.doors?.find((one) => one.name === name);
  const key = keysOf(door, id);
  if (key === undefined) return `the directory lists no key ${id} for the door ${name}`;
  if (door?.methods?.includes(method) !== true) return `the door ${name} does not vouch by ${method}`;
  const times = keyTrouble(key, at) ?? lifeTrouble({ issued, expires }, LONGEST.vouch, at);
  if (times !== undefined) return times;
  const text = signedText('vouch', {
    ...{ deployment, ...placed(where, decision), door: name, signer: id, person: whom },
    ...defined({ method, issuer, subject, authTime, acr, session, issued, expires }),
  });
  return signs(key, text, parsed.data) ? undefined : `it is not what the door's key ${id} signed there`;
}

function placed({ root, gate, level }: Asked, decision: Decision) {
  const { workflowId, firstRunId } = root;
  const { signature: _s, vouch: _v, ...said } = decision;
  return { root: { workflowId, firstRunId }, gate, level, decision: said };
}

/** Why an effect on record is not the one that was approved, or nobody's whose word counts; undefined for another worker's, which has none. */
export function receiptTrouble(
  { directories, workers, isKnown, signs }: Proving,
  fact: Readonly<Record<string, unknown>>,
  { digest, at }: { readonly digest: string | undefined; readonly at: string },
): string | undefined {
  if (digest === undefined) return 'an effect under a key that was not approved before';
  if (fact['receipt'] === 'none') return undefined;
  const parsed = z.safeParse(Receipt, fact['receipt']);
  if (!parsed.success) return 'an effect without a receipt';
  const { signer, value, ...holds } = parsed.data;
  if (holds.effectKey !== fact['key'] || holds.result !== fact['result'] || holds.digest !== digest)
    return 'its receipt is for another effect, or another result';
  if (holds.directory !== undefined && holds.directory !== NO_DIRECTORY && !isKnown(holds.directory))
    return 'it was judged by a directory that none of those given is a version of';
  const listed = directories.flatMap((one) => one.workers ?? []);
  const known = (listed.length > 0 ? listed.flatMap((one) => one.keys ?? []) : workers).filter(
    ({ id }) => id === signer,
  );
  if (known.length === 0) return `its receipt is signed with the key ${signer}, which is no worker's`;
  const good = known.filter((key) => keyTrouble(key, at) === undefined);
  if (good.length === 0) return known.map((key) => keyTrouble(key, at)).find((one) => one !== undefined);
  const text = signedText('receipt', { ...holds, signer });
  return good.some((key) => signs(key, text, { value }))
    ? undefined
    : `its receipt is not what the key ${signer} signed`;
}

/** SHA-256 of `null`: the worker had no directory. */
const NO_DIRECTORY = '74234e98afe7498fb5daf1f36ac2d78acc339464f950703b8c019892f982b90b';
