/**
 * A rogue poller of our own queue has a genuine run go on with a gate whose policy asks less than the rules, one field a row. The executor
 * goes by what the rules pick now. What the rules themselves take for consent he brings about at will: that is said at the end.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Decision } from '../../src/domain/gate/decision';
import type { OpenGate } from '../../src/domain/gate';
import { Policy } from '../../src/domain/policy';
import { createRules, loadPolicies } from '../../src/providers/policy';
import { temporaryDirectory } from '../support/app';
import { carriedBy } from '../support/carried';
import { taken } from '../support/forger';
import { DIRECTORY, MINUTE, placeOf, signed, type Place } from '../support/reviewers';
import { SHIP, startWorkflowEnv, type WorkflowEnv } from '../support/workflow-env';

const RULES = `
policies:
  strict:
    confirmation: VERIFY
    phrase: SHIP IT
    executeWithin: 1 hour
    levels:
      - name: HUMAN
        approvers: { people: [ana, bo, cy] }
        groups: [{ role: security, quorum: 2 }]
        quorum: 2
        respondWithin: 1 hour
  silent:
    confirmation: CONFIRM
    onSilence: approve
    levels: [{ name: HUMAN, approvers: { people: [ana] }, respondWithin: 7 days }]
rules:
  - { name: large, when: 'action == "ship" && args.units >= 100', policy: strict }
default: silent
`;
/** As the rules pick it. */
const STRICT = Policy.parse({
  confirmation: 'VERIFY',
  phrase: 'SHIP IT',
  executeWithin: '1 hour',
  authentication: 'signed',
  levels: [
    {
      name: 'HUMAN',
      approvers: { people: ['ana', 'bo', 'cy'] },
      groups: [{ role: 'security', quorum: 2 }],
      quorum: 2,
      respondWithin: '1 hour',
    },
  ],
});
const [LEVEL] = STRICT.levels;
const LARGE = { ...SHIP, args: { order: 'large', units: 100 } };

let env: WorkflowEnv;
const folder = temporaryDirectory();
beforeAll(async () => {
  writeFileSync(path.join(folder.path, 'policy.yaml'), RULES);
  const rules = createRules(await loadPolicies('policy.yaml', folder.path));
  env = await startWorkflowEnv([], undefined, { rules, reviewers: DIRECTORY });
});
afterAll(async () => {
  await env.stop();
  folder.remove();
});

let nth = 0;
const saying = (digest: string, reviewer: string, more: Partial<Decision> = {}): Decision => ({
  ...{ v: 1, id: `${reviewer}-${String(++nth)}`, digest, verdict: 'approve', reviewer },
  ...more,
});

interface Looser {
  readonly policy: Policy;
  /** @default the phrase of the rules */
  readonly phrase?: string | undefined;
  /** @default ana and bo */
  readonly voices?: readonly [string, string];
  readonly unsigned?: true;
  readonly state?: (gate: OpenGate) => Partial<OpenGate>;
}

async function goneOn(proposal: typeof LARGE, { policy, voices = ['ana', 'bo'], state, ...how }: Looser) {
  const phrase = 'phrase' in how ? how.phrase : 'SHIP IT';
  const says = (digest: string, reviewer: string, place: Place): Decision => {
    const said = saying(digest, reviewer, phrase === undefined ? {} : { phrase });
    const { shown } = place;
    return how.unsigned ? { ...said, ...(shown === undefined ? {} : { shown }) } : signed(said, place);
  };
  await env.stopWorker();
  const workflowId = `policy-${String(++nth)}`;
  const argument = { v: 1, task: 'ship it', requester: 'rita', proposal };
  const { taskQueue } = env;
  await env.client.workflow.start('proposeAndExecute', { taskQueue, workflowId, args: [argument] });
  const task = await taken(env, taskQueue);
  const forgery = {
    ...(state === undefined ? {} : { state }),
    ana: ({ digest, ...place }: Place & { digest: string }) => says(digest, voices[0], place),
  };
  await task.goOnAs('proposeAndExecute', taskQueue, [
    argument,
    carriedBy(task.root, { proposal, policy }, forgery),
  ]);
  await env.startWorker();
  if (state === undefined) {
    const packet = await env.until(workflowId, ({ status }) => status === 'open');
    const last = says(packet.digest!, voices[1], placeOf(packet));
    await env.client.workflow.getHandle(workflowId).signal('decide', last);
    await expect(env.countersign.confirmed(workflowId, last.id, 10_000)).resolves.toMatchObject({
      status: 'admitted',
    });
  }
  const { outcome } = await env.countersign.result(workflowId);
  const [code] = (await env.history(workflowId)).flatMap(
    ({ activityTaskFailedEventAttributes: one }) => one?.failure?.applicationFailureInfo?.type ?? [],
  );
  return { outcome, code };
}

test('with the policy of the rules, two who have signed it with its phrase: it runs, so that the refusals below have a reason', async () => {
  expect(await goneOn(LARGE, { policy: STRICT })).toMatchObject({ outcome: 'executed' });
});

const without = (field: keyof Policy): Policy => {
  const { [field]: _, ...rest } = STRICT;
  return rest as Policy;
};
const level = (change: object): Policy => ({ ...STRICT, levels: [{ ...LEVEL!, ...change }] });
const PAST = () => ({ deadline: Date.now() - MINUTE, firstDeadline: Date.now() - MINUTE });

test.each<[string, Looser, string]>([
  [
    'no authentication, and nobody has signed',
    { policy: without('authentication'), unsigned: true },
    'UNAUTHENTICATED',
  ],
  [
    'no phrase, and nobody has typed it',
    { policy: { ...without('phrase'), confirmation: 'CONFIRM' }, phrase: undefined },
    'POLICY_TOO_WEAK',
  ],
  ['another phrase', { policy: { ...STRICT, phrase: 'OK' }, phrase: 'OK' }, 'POLICY_TOO_WEAK'],
  ['no limit to the time to act', { policy: without('executeWithin') }, 'APPROVAL_EXPIRED'],
  [
    'no groups, and one is in none of the role',
    { policy: level({ groups: undefined }), voices: ['cy', 'bo'] },
    'QUORUM_NOT_MET',
  ],
  ['a quorum of one', { policy: level({ quorum: 1, groups: undefined }) }, 'POLICY_TOO_WEAK'],
  [
    'anybody for an approver',
    { policy: level({ approvers: { people: ['*'] }, groups: undefined }), voices: ['mo', 'dee'] },
    'POLICY_TOO_WEAK',
  ],
  [
    'no separation, and the requester signs',
    {
      policy: {
        ...level({ approvers: { people: ['rita', 'bo'] }, groups: undefined }),
        separation: { requester: false, acrossLevels: true },
      },
      voices: ['rita', 'bo'],
    },
    'POLICY_TOO_WEAK',
  ],
  ['rejections that nobody reaches', { policy: level({ rejections: 3 }) }, 'POLICY_TOO_WEAK'],
  [
    'silence for consent, and its time is up',
    { policy: { ...level({ onSilence: 'approve' }), onSilence: 'approve' }, state: PAST },
    'POLICY_TOO_WEAK',
  ],
])('%s: nothing runs', async (_said, looser, code) => {
  const runs = env.actions.runs['ship'];
  expect(await goneOn(LARGE, looser)).toEqual({ outcome: 'failed', code });
  expect(env.actions.runs['ship']).toBe(runs);
});

describe('what he can do', () => {
  test('silence that the rules take for consent comes at once, though they wait for seven days', async () => {
    const silent = Policy.parse({
      confirmation: 'CONFIRM',
      authentication: 'signed',
      onSilence: 'approve',
      levels: [{ name: 'HUMAN', approvers: { people: ['ana'] }, respondWithin: '7 days' }],
    });
    const small = { ...SHIP, args: { order: 'small', units: 1 } };
    const none = () => ({ ...PAST(), signatures: [], decisions: [] });
    expect(await goneOn(small, { policy: silent, state: none, phrase: undefined })).toMatchObject({
      outcome: 'executed',
    });
  });
});
