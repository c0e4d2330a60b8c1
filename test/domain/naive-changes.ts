/** Each field of evidence taken out, and each changed, one at a time; and why some of that does no harm. */
import type { Evidence } from '../../src/domain/gate/evidence';
import type { World } from './naive-world';

type Part = Record<string, unknown> | unknown[];

const isPart = (value: unknown): value is Part => typeof value === 'object' && value !== null;

/** Every place in it, the containers among them, with what stands there. */
function* places(value: unknown, path: readonly string[] = []): Generator<readonly string[]> {
  if (path.length > 0) yield path;
  if (isPart(value)) for (const [name, part] of Object.entries(value)) yield* places(part, [...path, name]);
}

/** Another value of the same kind: the nearest one that a forger would rather have. */
function another(value: unknown): unknown {
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number') return value > 1 ? value - 1 : value + 1;
  if (typeof value === 'string') return OTHER[value] ?? `${value}x`;
  if (Array.isArray(value)) return [];
  return {};
}

const OTHER: Readonly<Record<string, string>> = {
  VERIFY: 'CONFIRM',
  CONFIRM: 'INFO',
  signed: 'vouched',
  vouched: 'open',
  open: 'signed',
  signatures: 'notice',
  notice: 'silence',
  silence: 'signatures',
  escalate: 'approve',
  expire: 'approve',
  ana: 'bo',
  bo: 'cy',
  cy: 'ana',
  HUMAN: 'MANAGER',
  security: 'qa',
  qa: 'security',
  claimed: 'signed',
  approve: 'edit',
  edit: 'approve',
  high: 'low',
};

/** The evidence with the value at the place changed by `change`; everything beside the path is shared. */
function withChange(
  value: unknown,
  [name, ...rest]: readonly string[],
  change: (part: unknown) => unknown,
): unknown {
  if (name === undefined) return change(value);
  const of = value as Record<string, unknown>;
  const next = withChange(of[name], rest, change);
  if (Array.isArray(value))
    return value.flatMap((one: unknown, at) =>
      String(at) !== name ? [one] : next === undefined ? [] : [next],
    );
  const { [name]: _, ...others } = of;
  return next === undefined ? others : { ...of, [name]: next };
}

/** What is changed, in words, and a way to have it. */
export function* changes(evidence: Evidence): Generator<readonly [string, () => Evidence]> {
  for (const path of places(evidence)) {
    const at = path.join('.');
    yield [`${at} taken out`, () => withChange(evidence, path, () => undefined) as Evidence];
    yield [`${at} changed`, () => withChange(evidence, path, another) as Evidence];
  }
}

/** Why evidence holds as it did where this is changed, by definition; undefined where it has to fall short. */
export function harmless({ files, evidence }: World, change: string): string | undefined {
  const { basis, policy } = evidence;
  if (basis !== 'signatures')
    return 'INFO and silence are the rules’ own consent: whoever starts a workflow brings them about';
  // What the worker’s files ask may be more than what is recorded; the recorded one is never less than the floor.
  if ((policy.authentication ?? 'open') === 'open' && files.rules?.authentication !== 'signed')
    return 'decisions that are believed are the rules’ own consent, and need not say what was shown';
  const [, index] = /^decisions\.(\d+)/.exec(change) ?? [];
  const sent = index === undefined ? undefined : evidence.decisions[Number(index)];
  const named = [...evidence.signatures, ...evidence.delegations].some(
    ({ decision, at }) => decision === sent?.id && at === sent.at,
  );
  if (sent !== undefined && !named) return 'nothing names the decision: it is nobody’s signature here';
  return HARMLESS.find(([place]) => place.test(change))?.[1];
}

const HARMLESS: readonly (readonly [RegExp, string])[] = [
  [/^(owners|before)[. ]/, 'it only keeps people out; whom the directory and the record keep out stays out'],
  [
    /^delegations(\.\d+)? /,
    'whoever was delegated to signs no more; who has one voice is told by what was heard',
  ],
  [/^signatures(\.\d+)? taken/, 'one signature fewer, where more have signed than are asked'],
  [
    /^signatures\.\d+\.(authentication|revision|onBehalfOf) /,
    'a claim that nobody reads: the grade is found anew',
  ],
  [
    /^decisions\.\d+\.revision /,
    'what is approved is a digest; of an edit the record has to hold the revision',
  ],
  [/^executeBefore /, 'it only takes time away, where the policy gives no less'],
  [/^reviewers[. ]/, 'the recorded directory only takes away: the worker’s own is held as well'],
];
