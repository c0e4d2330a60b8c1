/** What may be wrong with what evidence claims, and with the worker's own files as they are now. */
import type { Policy } from '../../src/domain/policy';
import type { Directory } from '../../src/domain/reviewers';
import type { Dice } from './naive-dice';
import { iso, MINUTE, NAMES, publicOf, START } from './naive-scenes';
import type { Play } from './naive-opening';
import type { World } from './naive-world';

export type Fault = (roll: Dice, world: Play) => void;
type Loose = Record<string, unknown>;

export const set = (of: object, change: object) => Object.assign(of, change);

/** As it is recorded, or as the worker holds it. */
const directories = (roll: Dice, world: Play): Directory | undefined => {
  const recorded = world.evidence.reviewers;
  const own = world.files.directory;
  return roll.often(50) ? own : recorded;
};
const someone =
  (change: (person: Loose, roll: Dice, world: World) => void): Fault =>
  (roll, world) => {
    const directory = directories(roll, world);
    if (directory === undefined) return;
    const names = world.evidence.signatures.map(({ reviewer }) => reviewer);
    const person = roll.often(70)
      ? directory.people.find(({ name }) => names.includes(name))
      : roll.one(directory.people);
    if (person !== undefined) change(person, roll, world);
  };
const keyTimes = (field: string): Fault =>
  someone((person, roll, { server }) => {
    const [key] = (person['keys'] ?? []) as Loose[];
    if (key !== undefined)
      key[field] = iso(
        roll.one([START - MINUTE, START + 3 * MINUTE, server.now, server.now + 1, server.now + 9 * MINUTE]),
      );
  });

export const FILES: readonly Fault[] = [
  keyTimes('revoked'),
  keyTimes('from'),
  keyTimes('until'),
  someone((person) => delete person['roles']),
  someone((person, roll) => void (person['roles'] = [roll.one(['security', 'qa', 'manager'])])),
  someone((person) => delete person['keys']),
  someone(
    (person, roll) =>
      void (person['keys'] = [{ id: `${String(person['name'])}-1`, public: publicOf(roll.one(NAMES)) }]),
  ),
  someone((person) => delete person['identities']),
  someone((person, roll) => void (person['aliases'] = [roll.one(['req', 'cy', 'ana', 'r.quest'])])),
  someone((person) => void (person['name'] = 'gone')),
  (roll, world) => {
    const door = directories(roll, world)?.doors?.[0] as Loose | undefined;
    if (door === undefined) return;
    const [key] = door['keys'] as Loose[];
    set(
      roll.often(40) ? key! : door,
      roll.one<object>([
        { revoked: iso(world.server.now - MINUTE) },
        { until: iso(START) },
        { methods: ['token'] },
        { roles: ['manager'] },
        { upTo: 'INFO' },
        { risks: ['low'] },
      ]),
    );
  },
  (roll, world) => {
    const directory = directories(roll, world) as Loose | undefined;
    if (directory !== undefined)
      directory['agents'] = [
        { name: roll.one(['AGENT', 'svc-orders', 'req', 'offline']), owners: [roll.one(NAMES)] },
      ];
  },
  (_, world) => set(world.files, { directory: undefined }),
  (_, world) => delete world.evidence.reviewers,
  (roll, world) => set(world.files, { phrase: roll.one([undefined, 'REFUND A-4711', 'REFUND other']) }),
  (roll, world) => set(world.files, { risk: roll.one(['low', 'medium', 'high']) }),
  (_, world) => set(world.files, { deployment: 'staging' }),
  (roll, world) => {
    const { evidence } = world;
    set(world.files, { rules: changedPolicy(roll, structuredClone(evidence.policy)) });
  },
  (_, world) => set(world.files, { rules: undefined }),
];

function changedPolicy(roll: Dice, policy: Policy): Policy {
  const of = policy as unknown as Loose;
  const level = roll.one(of['levels'] as Loose[]);
  roll.one<() => void>([
    () => void (of['confirmation'] = roll.one(['INFO', 'CONFIRM', 'VERIFY'])),
    () => void (of['phrase'] = roll.one(['REFUND it', 'OTHER words'])),
    () => delete of['phrase'],
    () => void (of['onSilence'] = roll.one(['approve', 'escalate', 'expire'])),
    () => void (of['authentication'] = roll.one(['open', 'vouched', 'signed'])),
    () => delete of['authentication'],
    () => void (of['executeWithin'] = roll.one(['30 minutes', '2 hours', '9 hours'])),
    () => delete of['executeWithin'],
    () =>
      void (of['separation'] = {
        requester: roll.often(50),
        acrossLevels: roll.often(50),
        ...(roll.often(50) ? { proven: roll.often(50) } : {}),
      }),
    () => void (of['verdicts'] = roll.one([['approve'], ['approve', 'reject'], ['reject']])),
    () => void (of['levels'] as unknown[]).splice(1),
    () => void (level['quorum'] = roll.one([1, 2, 3])),
    () => void (level['rejections'] = roll.one([1, 2, 3])),
    () => void (level['signedAtLeast'] = roll.one([1, 2])),
    () => delete level['signedAtLeast'],
    () =>
      void (level['groups'] = [
        {
          role: roll.one(['security', 'qa']),
          quorum: roll.one([1, 2]),
          ...(roll.often(50) ? { rejections: 1 } : {}),
        },
      ]),
    () => delete level['groups'],
    () =>
      void (level['approvers'] = roll.one([
        { people: ['*'] },
        { people: ['ana', 'bo'] },
        { roles: ['security'] },
        { people: ['dan'], roles: ['qa'] },
      ])),
    () => void (level['onSilence'] = roll.one(['approve', 'escalate', 'expire'])),
    () => void (level['respondWithin'] = roll.one(['1 hour', '8 hours'])),
    () => void (level['name'] = roll.one(['HUMAN', 'MANAGER', 'OTHER'])),
  ])();
  return policy;
}

export const CLAIMS: readonly Fault[] = [
  (roll, world) => void changedPolicy(roll, world.evidence.policy),
  (roll, world) => set(world.evidence, { basis: roll.one(['notice', 'silence', 'step']) }),
  (roll, world) => set(world.evidence, { rung: roll.one([0, 1, 2, -1]) }),
  (roll, world) => set(world.evidence, { requester: roll.one(['req', 'ana', 'bo', 'svc-orders']) }),
  (roll, world) => set(world.evidence, { by: roll.one(['AGENT', 'req', 'AGENT (x)']) }),
  (roll, world) => set(world.evidence, { requesterProof: roll.one(['claimed', 'signed']) }),
  (roll, world) => set(world.evidence, { owners: roll.some(NAMES, 30) }),
  (roll, world) => set(world.evidence, { before: roll.some(NAMES, 30) }),
  (_, world) => set(world.evidence, { owners: [], before: [] }),
  (_, world) => set(world.evidence, { delegations: [] }),
  (roll, world) =>
    void world.evidence.signatures.splice(roll.below(world.evidence.signatures.length || 1), 1),
  (roll, world) => void world.evidence.decisions.splice(roll.below(world.evidence.decisions.length || 1), 1),
  (_, world) => delete world.evidence.executeBefore,
  (roll, world) =>
    set(world.evidence, { executeBefore: iso(world.server.now + roll.one([-1, 0, 1, 9_000]) * MINUTE) }),
  (_, world) => {
    // Nobody's decision, behind no signature, that says that it was signed just now.
    const [one] = world.evidence.decisions;
    const now = iso(world.server.now);
    if (one !== undefined)
      world.evidence.decisions.push({
        ...one,
        id: 'junk',
        signature: { key: 'x', issued: now, expires: now, value: 'x' },
      });
  },
  (roll, world) => {
    const one = roll.one<object | undefined>(world.evidence.decisions);
    if (one !== undefined)
      set(
        one,
        roll.one<object>([{ revision: 1 }, { level: 'OTHER' }, { at: iso(START) }, { reviewer: 'ana' }]),
      );
  },
  (roll, world) => {
    const one = roll.one<object | undefined>(world.evidence.signatures);
    if (one !== undefined)
      set(
        one,
        roll.one<object>([
          { reviewer: roll.one(NAMES) },
          { decision: 'd1' },
          { at: iso(START) },
          { authentication: 'signed' },
        ]),
      );
  },
  (roll, world) => set(world.evidence.words, { title: roll.one(['Refund', 'Refund twice']) }),
  (_, world) => set(world.evidence, { preview: { rows: 4 } }),
];
