/** What may be wrong with the proofs, and in what was heard since; and everything that may be wrong, one after the other. */
import type { Decision } from '../../src/domain/gate/decision';
import { CLAIMS, FILES, set, type Fault } from './naive-claims';
import type { Dice } from './naive-dice';
import type { Play } from './naive-opening';
import { before, earlier, levelOf, placeOf, proven, speak } from './naive-story';
import { iso, MINUTE, NAMES, START, withSignature, withVouch } from './naive-scenes';
import type { World } from './naive-world';

/** A decision that stands behind the evidence is replaced wherever it stands. */
function replaced(world: Play, nth: number, change: (sent: Decision) => Decision, everywhere = true): void {
  const sent = world.evidence.decisions[nth];
  if (sent === undefined) return;
  const { at, revision, level, ...decision } = sent;
  const next = change(decision);
  world.evidence.decisions[nth] = { ...next, at, revision, level };
  if (!everywhere) return;
  for (const list of [world.server.heard, world.server.received])
    for (const one of list) if (one.decision.id === decision.id) one.decision = next;
}

const some: (change: (roll: Dice, sent: Decision, world: World) => Decision) => Fault =
  (change) => (roll, world) => {
    const nth = roll.below(world.evidence.decisions.length || 1);
    replaced(world, nth, (sent) => change(roll, sent, world), roll.often(70));
  };

const anew = ({ signature: _s, vouch: _v, ...sent }: Decision): Decision => sent;
const levelIn = ({ evidence }: World, { id }: Decision) =>
  evidence.decisions.find((one) => one.id === id)?.level;
const timeOf = (world: World, { id }: Decision) => {
  const at = world.evidence.decisions.find((one) => one.id === id)?.at;
  return at === undefined ? START : Date.parse(at);
};
const again = (world: World, sent: Decision, as = {}, place = {}) =>
  withSignature({ ...placeOf(world, levelIn(world, sent)), ...place }, anew(sent), timeOf(world, sent), as);
const vouchedAgain = (world: World, sent: Decision, as = {}, place = {}) =>
  withVouch({ ...placeOf(world, levelIn(world, sent)), ...place }, anew(sent), timeOf(world, sent), as);

const PROOFS: readonly Fault[] = [
  some((_, sent) => anew(sent)),
  some((_, sent, world) => again(world, sent, {}, { gate: 'other' })),
  some((_, sent, world) => again(world, sent, {}, { level: 'OTHER' })),
  some((_, sent, world) => again(world, sent, {}, { deployment: 'staging' })),
  some((_, sent, world) =>
    again(world, sent, {}, { root: { workflowId: 'refund-4711', firstRunId: 'run-2' } }),
  ),
  some((roll, sent, world) => again(world, sent, { by: roll.one(NAMES) })),
  some((_, sent, world) => again(world, sent, { key: 'nobody-1' })),
  some((roll, sent, world) =>
    again(world, sent, { issued: timeOf(world, sent) + roll.one([-2, 4, 6, 600]) * MINUTE }),
  ),
  some((roll, sent, world) =>
    again(world, sent, { lasts: roll.one([1, 3, 24 * 60, 24 * 60 + 1, 0]) * MINUTE }),
  ),
  some((_, sent, world) => vouchedAgain(world, sent)),
  some((roll, sent, world) => vouchedAgain(world, sent, { by: roll.one(['ana', 'web', 'mia']) })),
  some((roll, sent, world) => vouchedAgain(world, sent, { lasts: roll.one([1, 5, 6]) * MINUTE })),
  some((roll, sent, world) => vouchedAgain(world, sent, { change: { person: roll.one(NAMES) } })),
  some((roll, sent, world) =>
    vouchedAgain(world, sent, {
      change: roll.one([{ method: 'token' }, { subject: 'bo' }, { issuer: 'https://other' }]),
    }),
  ),
  some((roll, sent, world) =>
    vouchedAgain(world, sent, { change: roll.one([{ door: 'side' }, { key: 'web-2' }]) }),
  ),
  some((_, sent, world) =>
    vouchedAgain(world, sent, { change: { authTime: iso(timeOf(world, sent) + 9 * MINUTE) } }),
  ),
  some((_, sent, world) => ({ ...again(world, sent), vouch: vouchedAgain(world, sent).vouch })),
  some((_, sent) => ({ ...sent, comment: 'changed since' })),
  some((roll, { shown: _, ...sent }, world) =>
    proven(roll, world, anew(sent), timeOf(world, sent), levelIn(world, sent)),
  ),
  some((roll, sent, world) =>
    proven(
      roll,
      world,
      { ...anew(sent), shown: roll.one(['e', '1', '2']).repeat(64) },
      timeOf(world, sent),
      levelIn(world, sent),
    ),
  ),
  some((roll, sent, world) =>
    proven(
      roll,
      world,
      { ...anew(sent), phrase: roll.one(['REFUND it', 'REFUND A-4711', 'refund it']) },
      timeOf(world, sent),
      levelIn(world, sent),
    ),
  ),
  some((roll, { phrase: _, ...sent }, world) =>
    proven(roll, world, anew(sent), timeOf(world, sent), levelIn(world, sent)),
  ),
  some((roll, sent, world) =>
    proven(roll, world, { ...anew(sent), digest: before(1) }, timeOf(world, sent), levelIn(world, sent)),
  ),
  some((roll, sent, world) =>
    proven(
      roll,
      world,
      { ...anew(sent), verdict: roll.one(['reject', 'edit', 'comment']) },
      timeOf(world, sent),
      levelIn(world, sent),
    ),
  ),
  some((roll, sent, world) =>
    proven(
      roll,
      world,
      { ...anew(sent), args: { order: 'A-4711', amount: roll.one([40, 41]) } },
      timeOf(world, sent),
      levelIn(world, sent),
    ),
  ),
];

const heardSince =
  (
    who: (roll: Dice, world: World) => string,
    verdict: Decision['verdict'],
    rest: Partial<Decision> = {},
  ): Fault =>
  (roll, world) => {
    const { heard } = world.server;
    const times = heard.map(({ at }) => at);
    const at = roll.often(65)
      ? Math.max(START, ...times) + roll.one([0, 1, 30_000])
      : (times[roll.below(times.length)] ?? START) + roll.one([0, 1, 30_000, -30_000]);
    const { levels } = world.evidence.policy;
    const level = roll.often(75) ? levelOf(world).name : roll.one(levels).name;
    const digest = roll.often(85) ? undefined : 'c'.repeat(64);
    speak({ roll, world, said: 1_000 + heard.length }, who(roll, world), verdict, at, {
      level,
      unknownLevel: roll.often(40),
      ...(digest === undefined ? {} : { digest }),
      rest: { ...rest, ...(verdict === 'delegate' ? { to: roll.one(NAMES) } : {}) },
    });
    if (roll.often(10)) replacedLast(world, anew);
  };

function replacedLast(world: Play, change: (sent: Decision) => Decision): void {
  const last = world.server.heard.at(-1);
  if (last !== undefined) last.decision = change(last.decision);
}

const signer = (roll: Dice, { evidence }: World) =>
  roll.one([...evidence.signatures.map(({ reviewer }) => reviewer), 'ana']);
const anybody = (roll: Dice) => roll.one(NAMES);

/** A decision of the evidence is received once more, with another proof of the same words or as it was. */
const repeated: Fault = (roll, world) => {
  const { decisions } = world.evidence;
  const nth = roll.below(decisions.length || 1);
  const sent = decisions[nth];
  if (sent === undefined) return;
  const { at: _a, revision: _r, level, ...decision } = sent;
  const at = Math.max(START, ...world.server.heard.map((one) => one.at)) + 1_000;
  const next = roll.often(50) ? decision : proven(roll, world, anew(decision), at, level);
  world.server.heard.push({ decision: next, at, ...(roll.often(50) ? { level } : {}) });
  world.server.received.push({ decision: next, at });
  if (roll.often(50)) replaced(world, nth, () => next, false);
};

const HEARD: readonly Fault[] = [
  heardSince(anybody, 'reject'),
  heardSince(anybody, 'reject'),
  heardSince(signer, 'reject'),
  heardSince(signer, 'withdraw'),
  heardSince(anybody, 'withdraw'),
  heardSince(() => 'req', 'cancel'),
  heardSince((_, { evidence }) => evidence.requester, 'cancel'),
  heardSince(anybody, 'delegate'),
  heardSince(signer, 'delegate'),
  heardSince(anybody, 'approve'),
  heardSince(anybody, 'comment'),
  heardSince(anybody, 'revise', { comment: 'less' }),
  (roll, world) => {
    heardSince(anybody, 'delegate')(roll, world);
    heardSince(anybody, 'reject')(roll, world);
  },
  (roll, world) => {
    heardSince(anybody, 'reject')(roll, world);
    heardSince(anybody, 'reject')(roll, world);
    repeated(roll, world);
  },
  repeated,
  (roll, world) => void world.server.heard.splice(roll.below(world.server.heard.length || 1), 1),
  (_, world) => void world.server.heard.reverse(),
  (roll, world) => {
    for (const one of world.server.heard) if (roll.often(60)) delete one.level;
  },
  (roll, world) => set(world.server, { now: world.server.now + roll.one([-30, 60, 200, 2_000]) * MINUTE }),
  (_, world) => set(world.server, { received: [] }),
  (roll, world) => {
    for (const one of world.server.received) one.at += roll.one([-10, 3, 61, 300]) * MINUTE;
  },
  (roll, world) => set(world.server, { requesterProof: roll.one(['claimed', 'vouched', 'signed']) }),
  (roll, world) => void world.server.record.splice(roll.below(world.server.record.length || 1), 1),
  (_, world) => void world.server.record.push({ digest: before(1), revision: 2, shown: earlier(1) }),
];

const ALL = [PROOFS, HEARD, HEARD, FILES, CLAIMS];

/** So many things go wrong. */
export function faulted(roll: Dice, world: Play, count: number): Play {
  for (let nth = 0; nth < count; nth++) roll.one(roll.one(ALL))(roll, world);
  return world;
}
