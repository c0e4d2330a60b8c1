/** Every verdict and level, driven by the stock `temporal` CLI alone: what anybody's service or script can rely on. */
import { startApp, temporaryDirectory, type App } from '../support/app';
import { startRemoteWorker, type Effect } from '../support/remote-worker';

const QUEUE = 'bookings';
let app: App;
let effects: Effect[];
let stopRemote: () => Promise<void>;
const directory = temporaryDirectory();

beforeAll(async () => {
  app = await startApp({ data: directory.path, stock: true });
  const remote = await startRemoteWorker(app.address, QUEUE);
  effects = remote.effects;
  stopRemote = remote.stop;
});

afterAll(async () => {
  await stopRemote();
  await app.stop();
  directory.remove();
});

let started = 0;
const proposal = {
  action: 'remote',
  args: { taskQueue: QUEUE, activity: 'book', input: { order: 1042 } },
  title: 'Book 1042',
  rationale: 'asked for',
  confidence: 0.9,
  sensitive: false,
};
const level = (name: string, people: string[], more: object = {}) => ({
  name,
  approvers: { people },
  respondWithin: '1 hour',
  ...more,
});
const under = (levels: object[], more: object = {}) => ({ confirmation: 'CONFIRM', levels, ...more });

async function open(policy: object, more: object = {}): Promise<{ id: string; digest: string }> {
  const id = `gate-${String(++started)}`;
  const argument = { v: 1, task: 'book order 1042', requester: 'rita', proposal, policy, ...more };
  await app.start(id, argument);
  const { digest = '' } = await app.reaches(id, 'open');
  return { id, digest };
}

let said = 0;
/** Sends one decision as a signal and waits for its receipt. */
async function says(id: string, reviewer: string, digest: string, more: object = {}) {
  const decision = { v: 1, id: `d${String(++said)}`, digest, verdict: 'approve', reviewer, ...more };
  await app.signal(id, decision);
  return app.judged(id, decision.id);
}
/** The last decision of a gate: its workflow may be closed before it could be asked for the receipt. */
async function ends(id: string, reviewer: string, digest: string, more: object = {}) {
  await app.signal(id, { v: 1, id: `d${String(++said)}`, digest, verdict: 'approve', reviewer, ...more });
}
const effectsOf = (workflowId: string) => effects.filter((effect) => effect.workflowId === workflowId);

it('a quorum of two: one signature is not enough, and the same person’s second is none', async () => {
  const { id, digest } = await open(under([level('HUMAN', ['ana', 'bo'], { quorum: 2 })]));
  expect(await says(id, 'ana', digest)).toMatchObject({ status: 'admitted' });
  expect(await says(id, 'ana', digest)).toMatchObject({ status: 'refused', code: 'ALREADY_SIGNED' });
  expect(await app.gate(id)).toMatchObject({ status: 'open', signatures: [{ reviewer: 'ana' }] });
  expect(effectsOf(id)).toEqual([]);
  await ends(id, 'bo', digest);
  expect(await app.result(id)).toMatchObject({ outcome: 'executed' });
  expect(effectsOf(id)).toHaveLength(1);
});

it('the requester is refused, by name', async () => {
  const { id, digest } = await open(under([level('HUMAN', ['*'])]));
  expect(await says(id, 'rita', digest)).toMatchObject({
    status: 'refused',
    code: 'REQUESTER_CANNOT_DECIDE',
  });
  expect(await says(id, 'rita', digest, { verdict: 'comment', comment: 'please' })).toMatchObject({
    status: 'admitted',
  });
  await ends(id, 'rita', digest, { verdict: 'cancel' });
  expect(await app.result(id)).toMatchObject({ outcome: 'cancelled', reason: 'rita called it off' });
});

it('VERIFY: the exact phrase, from each signer', async () => {
  const verify = under([level('HUMAN', ['ana', 'bo'], { quorum: 2 })], { phrase: 'BOOK order-1042' });
  const { id, digest } = await open({ ...verify, confirmation: 'VERIFY' });
  expect(await app.gate(id)).toMatchObject({ phrase: 'BOOK order-1042' });
  expect(await says(id, 'ana', digest)).toMatchObject({ status: 'refused', code: 'PHRASE_REQUIRED' });
  for (const phrase of ['book order-1042', 'BOOK order‐1042', 'BOOK order-1042 ', 'ＢＯＯＫ order-1042'])
    expect(await says(id, 'ana', digest, { phrase })).toMatchObject({ code: 'PHRASE_MISMATCH' });
  expect(await says(id, 'ana', digest, { phrase: 'BOOK order-1042' })).toMatchObject({ status: 'admitted' });
  expect(await says(id, 'bo', digest)).toMatchObject({ code: 'PHRASE_REQUIRED' });
  await ends(id, 'bo', digest, { phrase: 'BOOK order-1042' });
  expect(await app.result(id)).toMatchObject({ outcome: 'executed' });
});

it('VERIFY without a phrase of the policy’s: verb and target', async () => {
  const { id, digest } = await open({ ...under([level('HUMAN', ['ana'])]), confirmation: 'VERIFY' });
  expect(await app.gate(id)).toMatchObject({ phrase: 'RUN book' });
  await ends(id, 'ana', digest, { phrase: 'RUN book' });
  expect(await app.result(id)).toMatchObject({ outcome: 'executed' });
});

it('an edit starts the quorum over: the editor has signed, nobody else', async () => {
  const { id, digest } = await open(under([level('HUMAN', ['ana', 'bo', 'cy'], { quorum: 2 })]));
  await says(id, 'ana', digest);
  await says(id, 'bo', digest, { verdict: 'edit', args: { ...proposal.args, input: { order: 7 } } });
  const packet = await app.gate(id);
  expect(packet).toMatchObject({
    status: 'open',
    revision: 2,
    signatures: [{ reviewer: 'bo', revision: 2 }],
  });
  expect(await says(id, 'cy', digest)).toMatchObject({ code: 'STALE_REVISION' });
  await ends(id, 'ana', packet.digest ?? '');
  expect(await app.result(id)).toMatchObject({
    outcome: 'executed',
    proposal: { args: { input: { order: 7 } } },
  });
  expect(effectsOf(id)).toMatchObject([{ input: { order: 7 } }]);
});

it('revise: the agent proposes revision 2', async () => {
  const { id, digest } = await open(under([level('HUMAN', ['ana'])]), {
    proposal: undefined,
    task: `propose: ${JSON.stringify(proposal)}`,
  });
  await says(id, 'ana', digest, { verdict: 'revise', comment: 'are you sure?' });
  const { digest: second = '', revision } = await app.reaches(id, 'open');
  expect(revision).toBe(2);
  expect(second).not.toBe(digest);
  await ends(id, 'ana', second);
  expect(await app.result(id)).toMatchObject({ outcome: 'executed' });
});

it('delegate, withdraw, extend', async () => {
  const { id, digest } = await open(under([level('HUMAN', ['ana', 'bo'], { quorum: 2 })]));
  await says(id, 'ana', digest);
  await says(id, 'ana', digest, { verdict: 'withdraw' });
  expect(await app.gate(id)).toMatchObject({ signatures: null });
  expect(await says(id, 'ana', digest, { verdict: 'delegate', to: 'rita' })).toMatchObject({
    code: 'DELEGATE_NOT_ALLOWED',
  });
  await says(id, 'ana', digest, { verdict: 'delegate', to: 'dee' });
  const { deadline = '' } = await app.gate(id);
  const until = new Date(Date.parse(deadline) + 3_600_000).toISOString();
  await says(id, 'bo', digest, { verdict: 'extend', until });
  expect(await app.gate(id)).toMatchObject({ deadline: until });
  await says(id, 'dee', digest);
  expect(await app.gate(id)).toMatchObject({ signatures: [{ reviewer: 'dee', onBehalfOf: 'ana' }] });
  expect(await says(id, 'ana', digest)).toMatchObject({ code: 'ALREADY_SIGNED' }); // they count once together
  await ends(id, 'bo', digest);
  expect(await app.result(id)).toMatchObject({ outcome: 'executed' });
});

it('respond: answered, and nothing runs', async () => {
  const { id, digest } = await open(under([level('HUMAN', ['ana'])]));
  await ends(id, 'ana', digest, { verdict: 'respond', answer: 'booked by phone' });
  expect(await app.result(id)).toMatchObject({ outcome: 'answered', result: 'booked by phone' });
  expect(effectsOf(id)).toEqual([]);
});

it('escalate: MANAGER decides in a child, found through waitingOn', async () => {
  const { id, digest } = await open(under([level('HUMAN', ['ana']), level('MANAGER', ['mo'])]));
  await says(id, 'ana', digest, { verdict: 'escalate', comment: 'above my limit' });
  const { waitingOn = '' } = await app.reaches(id, 'waiting');
  expect(waitingOn).toBe(`${id}/MANAGER`);
  expect(await says(id, 'mo', digest)).toMatchObject({ status: 'refused', code: 'ASK_CHILD' });
  const child = await app.reaches(waitingOn, 'open');
  expect(child).toMatchObject({ digest, level: 'MANAGER' });
  await ends(waitingOn, 'mo', digest);
  expect(await app.result(id)).toMatchObject({
    outcome: 'executed',
    escalations: [{ from: 'HUMAN', to: 'MANAGER', reason: 'ana passed it up: above my limit' }],
  });
  expect(effectsOf(id)).toHaveLength(1);
});

it('silence: HUMAN, then MANAGER, then expired', async () => {
  const short = { respondWithin: '2 seconds' };
  const { id } = await open(under([level('HUMAN', ['ana'], short), level('MANAGER', ['mo'], short)]));
  expect(await app.result(id)).toMatchObject({
    outcome: 'expired',
    reason: expect.stringContaining('MANAGER did not decide') as string,
    escalations: [{ from: 'HUMAN', to: 'MANAGER' }],
  });
  expect(effectsOf(id)).toEqual([]);
});

it('a level that is terminated: never an approval', async () => {
  const { id, digest } = await open(under([level('HUMAN', ['ana']), level('MANAGER', ['mo'])]));
  await says(id, 'ana', digest, { verdict: 'escalate', comment: 'above my limit' });
  await app.reaches(`${id}/MANAGER`, 'open');
  await app.workflow('terminate', '-w', `${id}/MANAGER`);
  expect(await app.result(id)).toMatchObject({
    outcome: 'failed',
    reason: expect.stringContaining('LEVEL_TERMINATED') as string,
  });
  expect(effectsOf(id)).toEqual([]);
});

it('INFO: nobody is asked, it runs, and it is on record', async () => {
  const id = `gate-${String(++started)}`;
  const policy = { ...under([level('HUMAN', ['ana'])]), confirmation: 'INFO' };
  await app.start(id, { v: 1, task: 'book', requester: 'rita', proposal, policy });
  expect(await app.result(id)).toMatchObject({ outcome: 'executed', decisions: null });
  expect(effectsOf(id)).toHaveLength(1);
  const { out } = await app.countersign('audit', 'show', id, '--json');
  const { holds, entries } = JSON.parse(out) as { holds: boolean; entries: { text: object }[] };
  expect(holds).toBe(true);
  expect(entries.map(({ text }) => text)).toMatchObject([
    { type: 'proposed' },
    { type: 'opened', policy: { confirmation: 'INFO' } },
    { type: 'approved', basis: 'notice', signers: [] },
    { type: 'executed' },
    { type: 'closed' },
  ]);
});

it('executeWithin: an approval that nobody acts on in time is expired, not executed later', async () => {
  const policy = under([level('HUMAN', ['ana'])], { executeWithin: '3 seconds' });
  const nobody = { ...proposal, args: { ...proposal.args, taskQueue: 'nobody-polls-this' } };
  const { id, digest } = await open(policy, { proposal: nobody });
  await ends(id, 'ana', digest);
  expect(await app.result(id)).toMatchObject({
    outcome: 'expired',
    reason: expect.stringMatching(/^approved, but not executed by /) as string,
  });
});

describe('confirm', () => {
  const ask = async (more: object) => {
    const id = `confirm-${String(++started)}`;
    const details = { resource_id: 'orders-eu', type: 'database' };
    const argument = { v: 1, action: 'Delete resource orders-eu', details, requester: 'rita', ...more };
    await app.start(id, argument, 'countersign', 'confirm');
    return id;
  };

  it('INFO goes on', async () => {
    expect(await app.result(await ask({ level: 'INFO' }))).toMatchObject({
      outcome: 'approved',
      confirmed: true,
    });
  });

  it.each([
    ['approve', {}, { outcome: 'approved', confirmed: true }],
    ['reject', { comment: 'keep it' }, { outcome: 'rejected', confirmed: false }],
  ])('CONFIRM: %s', async (verdict, more, result) => {
    const id = await ask({ level: 'CONFIRM' });
    const { digest = '' } = await app.reaches(id, 'open');
    await ends(id, 'ana', digest, { verdict, ...more });
    expect(await app.result(id)).toMatchObject(result);
  });

  it.each([
    ['as given', { verificationPhrase: 'DELETE orders-eu now' }, 'DELETE orders-eu now'],
    ['of the question’s own words', {}, 'DELETE orders-eu'],
  ])('VERIFY: the phrase %s', async (_, more, phrase) => {
    const id = await ask({ level: 'VERIFY', ...more });
    const packet = await app.reaches(id, 'open');
    expect(packet).toMatchObject({
      phrase,
      proposal: { action: 'confirm', args: { question: 'Delete resource orders-eu' } },
    });
    const digest = packet.digest ?? '';
    expect(await says(id, 'ana', digest, { phrase: 'yes' })).toMatchObject({ code: 'PHRASE_MISMATCH' });
    await ends(id, 'ana', digest, { phrase });
    expect(await app.result(id)).toMatchObject({ outcome: 'approved', confirmed: true });
  });

  it('a policy of its own, whose confirmation is the level', async () => {
    const policy = { levels: [level('DBA', ['dee'], { quorum: 1 })] };
    const id = await ask({ level: 'CONFIRM', policy });
    const packet = await app.reaches(id, 'open');
    expect(packet).toMatchObject({ level: 'DBA', policy: { confirmation: 'CONFIRM' } });
    expect(await says(id, 'ana', packet.digest ?? '')).toMatchObject({ code: 'NOT_AN_APPROVER' });
    await ends(id, 'dee', packet.digest ?? '');
    expect(await app.result(id)).toMatchObject({ confirmed: true });
  });

  it('two levels that differ are refused', async () => {
    const id = await ask({ level: 'INFO', policy: under([level('DBA', ['dee'])]) });
    const { code, out } = await app.workflow('result', '-w', id, '-o', 'json');
    expect({ code, out }).toEqual({
      code: 1,
      out: expect.stringContaining('policy.confirmation: level says INFO; leave it out') as string,
    });
  });
});

it.each([
  ['a role without a directory', under([{ ...level('HUMAN', []), approvers: { roles: ['oncall'] } }])],
  ['signed decisions without keys', under([level('HUMAN', ['ana'])], { authentication: 'signed' })],
])('%s fails at opening, and says what to set', async (_, policy) => {
  const id = `gate-${String(++started)}`;
  await app.start(id, { v: 1, task: 'book', requester: 'rita', proposal, policy });
  expect(await app.result(id)).toMatchObject({
    outcome: 'failed',
    reason: expect.stringMatching(/^NO_DIRECTORY: .*COUNTERSIGN_REVIEWERS/) as string,
  });
});
