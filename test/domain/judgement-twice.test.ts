/**
 * The judgement, and a second one that was written from the target and the worker's own files alone, say the same of evidence drawn at
 * random; and of evidence that holds, nothing that is taken out or changed makes it hold where it should not. Whole with
 * COUNTERSIGN_PROVE=1, a fiftieth otherwise.
 */
import { counted, share, WHOLE } from '../support/share';
import { dice } from './naive-dice';
import { faulted } from './naive-faults';
import { judged } from './naive-judged';
import { carries } from './naive-judgement';
import { changes, harmless } from './naive-changes';
import { apart } from './naive-opening';
import { honest } from './naive-story';
import type { World } from './naive-world';

const EVIDENCES = share(200_000, 1, 50);
const CHANGED = share(2_000, 1, 50);
/** What goes wrong differs; what people have signed is made once for so many of them. */
const OF_ONE_STORY = 20;

/** So many worlds, each with its number. */
function* worlds(count: number, from = 0): Generator<readonly [number, World]> {
  let story: World | undefined;
  for (let nth = 0; nth < count; nth++) {
    const seed = from + nth;
    const roll = dice(seed);
    if (story === undefined || nth % OF_ONE_STORY === 0) story = honest(roll);
    yield [seed, faulted(roll, apart(story), roll.one([0, 0, 1, 1, 1, 2, 3]))];
  }
}

/** Evidence that cannot be read ends in no word, and is not executed either. */
function holds(world: World): boolean {
  try {
    return judged(world) === undefined;
  } catch {
    return false;
  }
}

test(`of ${String(EVIDENCES)} evidences those hold that a second judgement lets hold`, () => {
  const kinds = new Map<string, number>();
  let held = 0;
  for (const [seed, world] of worlds(EVIDENCES)) {
    const wrong = judged(world);
    if (carries(world) !== (wrong === undefined))
      throw new Error(`number ${String(seed)}: the second judgement does not say ${wrong?.code ?? 'holds'}`);
    const code = wrong?.code ?? kindOf(world);
    kinds.set(code, (kinds.get(code) ?? 0) + 1);
    if (wrong === undefined) held++;
  }
  expect(held).toBeGreaterThan(EVIDENCES / 5);
  expect(EVIDENCES - held).toBeGreaterThan(EVIDENCES / 5);
  for (const kind of KINDS) expect([kind, kinds.get(kind) ?? 0]).not.toEqual([kind, 0]);
  counted('judgements', { evidences: EVIDENCES, held });
});

/** Every way to hold, and every reason not to. */
const KINDS = [
  ...['open', 'vouched', 'signed', 'notice', 'silence'],
  ...['NOT_CONSENT', 'NOT_SIGNED', 'QUORUM_NOT_MET', 'APPROVAL_EXPIRED', 'APPROVAL_VOID', 'POLICY_TOO_WEAK'],
  ...['REQUESTER_UNPROVEN', 'NOT_AN_APPROVER', 'SIGNED_AT_ANOTHER_LEVEL', 'DELEGATE_NOT_ALLOWED'],
  ...['PHRASE_MISMATCH', 'UNAUTHENTICATED', 'SHOWN_OTHERWISE', 'SIGNATURE_EXPIRED', 'SIGNATURE_TIMES'],
  ...['UNKNOWN_KEY', 'KEY_NOT_VALID', 'KEY_REVOKED', 'BAD_SIGNATURE', 'BAD_VOUCH', 'NOT_YOU'],
  ...['UNKNOWN_IDENTITY', 'UNKNOWN_DOOR', 'DOOR_NOT_ALLOWED'],
];

const kindOf = ({ evidence }: World) =>
  evidence.basis === 'signatures' ? (evidence.policy.authentication ?? 'open') : evidence.basis;

test(`of ${String(CHANGED)} that hold, no change makes one hold that should not`, () => {
  let [held, nth, tried, still] = [0, 0, 0, 0];
  for (const [seed, world] of worlds(Infinity, 1_000_000)) {
    if (held === CHANGED) break;
    if (!carries(world)) continue;
    held++;
    for (const [path, change] of changes(world.evidence)) {
      // In a part of the run a part of the changes, others of each evidence; the recorded directory is most of it.
      if (!WHOLE && nth++ % (path.startsWith('reviewers.') ? 13 : 3) !== 0) continue;
      const other = { ...world, evidence: change() };
      tried++;
      if (!holds(other)) continue;
      if (!carries(other)) throw new Error(`number ${String(seed)}, ${path}: it holds, and should not`);
      still++;
      if (harmless(world, path) === undefined)
        throw new Error(`number ${String(seed)}, ${path}: changed, it holds all the same`);
    }
  }
  expect(held).toBe(CHANGED);
  expect(still).toBeGreaterThan(0);
  counted('judgements', { changed: held, changes: tried });
});
