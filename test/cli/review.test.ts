/** A walk through what waits: what is offered, one recorded decision for each, and nothing stops the rest. */
import { randomUUID } from 'node:crypto';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CountersignError } from '../../src/client';
import { temporaryDirectory } from '../support/app';
import { cli, type Answer, type Said } from '../support/cli-person';
import { fakeTemporal, type FakeTemporal } from '../support/fake-temporal';
import { ARGS, policy, proposal } from '../domain/given';

const directory = temporaryDirectory();
afterAll(() => {
  directory.remove();
});

let fake: FakeTemporal;
beforeEach(() => {
  fake = fakeTemporal();
});
const data = () => join(directory.path, randomUUID());
const walk = (answers: Answer[], ...more: string[]): Promise<Said> =>
  cli(fake, ['review', '--reviewer', 'ana', ...more], { data: data(), answers });
const decisions = (id: string) =>
  (fake.gates.get(id)?.decisions ?? []).map(({ verdict, reviewer }) => `${reviewer}: ${verdict}`);
const ENTER = '\r';

it.each([[], ['--json']])('without a terminal it says what to do instead %j', async (...json) => {
  fake.open('pay-1');
  const ran = await cli(fake, ['review', ...json], { data: data() });
  const message =
    'review asks a person at a terminal, and there is none; list what waits with `countersign inbox --json`, ' +
    'read it with `countersign show`, and decide with `countersign approve <workflow id> --digest …`';
  expect({ code: ran.code, err: ran.err }).toEqual({ code: 2, err: `NO_TERMINAL: ${message}\n` });
  if (json.length > 0) expect(JSON.parse(ran.out)).toEqual({ code: 'NO_TERMINAL', message });
  expect(decisions('pay-1')).toEqual([]);
});

it('machine output is for nobody to answer at, even at a terminal', async () => {
  expect(await walk([], '--json')).toMatchObject({ code: 2 });
});

it('nothing waits', async () => {
  expect(await walk([])).toMatchObject({ code: 0, out: 'Nothing waits on ana.\n', asked: [] });
});

/** For each key: what is asked besides, and what is on record then. */
const KEYS: readonly { key: string; then: Answer[]; leaves: object; asks: string[] }[] = [
  { key: 'a', then: ['y'], leaves: { verdict: 'approve' }, asks: ['approve revision 1? yn'] },
  { key: 'r', then: ['wrong order'], leaves: { verdict: 'reject', comment: 'wrong order' }, asks: ['Why?'] },
  { key: 's', then: ['half'], leaves: { verdict: 'revise', comment: 'half' }, asks: ['Why?'] },
  {
    key: 'n',
    then: ['@by hand'],
    leaves: { verdict: 'respond', answer: '@by hand' },
    asks: ['Your answer?'],
  },
  { key: 'u', then: ['above me'], leaves: { verdict: 'escalate', comment: 'above me' }, asks: ['Why?'] },
  {
    key: 'd',
    then: ['dee'],
    leaves: { verdict: 'delegate', to: 'dee' },
    asks: ['Who acts on your behalf?'],
  },
  {
    key: 'x',
    then: ['2026-03-02T15:00Z'],
    leaves: { verdict: 'extend', until: '2026-03-02T15:00:00.000Z' },
    asks: [expect.stringMatching(/^The new deadline\?/)],
  },
  { key: 'c', then: ['who?'], leaves: { verdict: 'comment', comment: 'who?' }, asks: ['Why?'] },
];

it.each(KEYS)('[$key] is one decision, its receipt is said', async ({ key, then, leaves, asks }) => {
  const levels = [
    { name: 'HUMAN', approvers: { people: ['ana'] }, respondWithin: '4 hours' },
    { name: 'MANAGER', approvers: { people: ['mia'] }, respondWithin: '1 day' },
  ];
  fake.open('pay-1', { policy: policy({}, { levels }) });
  const ran = await walk([key, ...then]);
  expect(ran.asked).toEqual(['What do you say? aersnudxc⏎q', ...asks]);
  expect(fake.gates.get('pay-1')?.decisions).toHaveLength(1);
  expect(fake.gates.get('pay-1')?.decisions[0]).toMatchObject({ reviewer: 'ana', ...leaves });
  const verdict = fake.gates.get('pay-1')?.decisions[0]?.verdict ?? '';
  expect(ran.out).toBe(`admitted on revision 1 of pay-1\n\n1 decided: 1 ${verdict}\n`);
  expect(ran.code).toBe(0);
});

it.each([
  { answers: [undefined], says: '0 decided\n1 left unread\n' },
  { answers: ['q'], says: '0 decided\n1 left unread\n' },
  { answers: [ENTER], says: '0 decided\n1 skipped\n' },
  { answers: ['a', 'n', ENTER], says: '0 decided\n1 skipped\n' },
  { answers: ['a', undefined, ENTER], says: '0 decided\n1 skipped\n' },
  { answers: ['r', undefined, ENTER], says: '0 decided\n1 skipped\n' },
])('$answers sends nothing', async ({ answers, says }) => {
  fake.open('pay-1');
  const ran = await walk(answers);
  expect(ran.out).toBe(`\n${says}`);
  expect(decisions('pay-1')).toEqual([]);
});

it('edits in $EDITOR, shows the difference, and asks by another key', async () => {
  fake.open('pay-1');
  const editor = join(directory.path, 'editor.sh');
  writeFileSync(editor, '#!/bin/sh\nsed -i s/40/30/ "$1"\n');
  chmodSync(editor, 0o755);
  const env = { EDITOR: editor };
  const ran = await cli(fake, ['review', '--reviewer', 'ana'], { data: data(), answers: ['e', 'y'], env });
  expect(ran.err).toMatch(/-\s+"amount": 40\n\+\s+"amount": 30/);
  expect(ran.asked).toEqual(['What do you say? aersndxc⏎q', 'edit revision 1? yn']);
  expect(fake.gates.get('pay-1')?.decisions).toMatchObject([
    { verdict: 'edit', args: { ...ARGS, amount: 30 } },
  ]);
  fake.open('pay-2');
  const not = await cli(fake, ['review', '--reviewer', 'ana'], {
    data: data(),
    answers: ['e', 'n', ENTER],
    env,
  });
  const [, file = ''] = /Your edit is kept in (\S+);/.exec(not.err) ?? [];
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ ...ARGS, amount: 30 });
  expect(decisions('pay-2')).toEqual([]);
});

it('at VERIFY the phrase is typed in place of the second key', async () => {
  fake.open('del-1', {
    policy: policy(
      { approvers: { people: ['ana'] } },
      { confirmation: 'VERIFY', phrase: 'DELETE orders-eu' },
    ),
  });
  const ran = await walk(['a', 'delete orders-eu', 'DELETE orders-eu']);
  expect(ran.asked.slice(1)).toEqual([
    'Phrase?',
    'That is not it: every character counts, capitals and spaces, too.',
    'Phrase?',
  ]);
  expect(fake.gates.get('del-1')?.decisions).toMatchObject([{ phrase: 'DELETE orders-eu' }]);
});

it('a long one is shown page by page, and nothing is offered before the last line', async () => {
  const args = { notes: Array.from({ length: 60 }, (_, line) => `line ${String(line)}`) };
  fake.open('long-1', { proposal: proposal(args) });
  fake.open('pay-2');
  const person = { data: data(), size: { rows: 24, columns: 80 } };
  const ran = await cli(fake, ['review', '--reviewer', 'ana'], {
    ...person,
    answers: [' ', ENTER, ' ', ENTER],
  });
  expect(ran.asked.slice(0, 2)).toEqual([
    expect.stringMatching(/^\d+ more lines\. {2}⏎q$/),
    expect.stringMatching(/^\d+ more lines\. {2}⏎q$/),
  ]);
  expect(ran.err).toContain('line 30');
  expect(ran.err).not.toContain('line 59');
  expect(ran.out).toBe('\n0 decided\n2 skipped\n');
  const all = await cli(fake, ['review', '--reviewer', 'ana'], {
    ...person,
    answers: [' ', ' ', ' ', ' ', 'a', 'y', ' ', 'q'],
  });
  expect(all.err).toContain('line 59');
  expect(decisions('long-1')).toEqual(['ana: approve']);
  expect(all.out).toContain('1 decided: 1 approve\n1 left unread\n');
});

it('what changed while it was read is refused by its digest, and shown again', async () => {
  fake.open('pay-1', { policy: policy({ approvers: { people: ['ana', 'bo'] }, quorum: 2 }) });
  fake.meanwhile = () => {
    fake.meanwhile = () => undefined;
    fake.say('pay-1', 'bo', 'edit', { args: { ...ARGS, amount: 4_000 } });
  };
  const ran = await walk(['a', 'y', 'a', 'y']);
  expect(ran.out).toMatch(/^refused: STALE_REVISION: you decided on revision 1, but revision 2 is open/);
  expect(ran.err).toContain('It has changed since you read it; this is how it is now.');
  expect(ran.err).toContain('Changed since revision 1, which you saw last');
  expect(ran.err).toContain('4000');
  expect(ran.asked.at(-1)).toBe('approve revision 2? yn');
  expect(ran.out).toMatch(/\n\n1 decided: 1 approve\n1 refused by the gate\n$/);
  expect(decisions('pay-1')).toEqual(['bo: edit', 'ana: approve']);
});

it('a refusal, a rejection and trouble with one never stop the rest', async () => {
  for (const id of ['pay-1', 'pay-2', 'pay-3', 'pay-4']) fake.open(id);
  const show = fake.countersign.show.bind(fake.countersign);
  fake.countersign.show = async (id) =>
    id === 'pay-3' ? Promise.reject(new CountersignError('NO_WORKER', 'no worker answers')) : show(id);
  const ran = await walk(['d', 'req', ENTER, 'r', 'no', 'a', 'y']);
  expect(ran.out).toBe(
    'refused: DELEGATE_NOT_ALLOWED: req cannot act on your behalf: they asked for this\n' +
      'admitted on revision 1 of pay-2\nadmitted on revision 1 of pay-4\n' +
      '\n2 decided: 1 reject, 1 approve\n1 skipped\n1 refused by the gate\n1 could not be read or decided\n',
  );
  expect(ran.err).toContain('NO_WORKER: no worker answers');
  expect(decisions('pay-4')).toEqual(['ana: approve']);
});

it('somebody else’s decision comes first: that is said, and the next one comes', async () => {
  fake.open('pay-1');
  fake.open('pay-2');
  fake.meanwhile = (id) => {
    if (id === 'pay-1' && fake.gates.get(id)?.status === 'open') fake.say(id, 'bo', 'approve');
  };
  const ran = await walk(['a', 'y', 'a', 'y']);
  expect(ran.out).toMatch(/^refused: GATE_CLOSED: /);
  expect(ran.out).toMatch(
    /1 decided: 1 approve\n1 refused by the gate\n1 decided by others meanwhile, or moved on\n$/,
  );
});

it('what this person may not decide, or has signed, is not shown, and counted', async () => {
  const own = policy({ approvers: { people: ['ana', 'bo'] }, quorum: 2 });
  fake.open('own-1', { requester: 'ana', policy: own });
  fake.open('signed-1', { policy: own });
  fake.say('signed-1', 'ana', 'approve');
  fake.open('pay-1');
  const ran = await walk([ENTER]);
  expect(ran.out).toBe(
    '\n0 decided\n1 skipped\n1 not shown: you have signed already\n1 not shown: you may not decide there\n',
  );
  expect(ran.err).not.toContain('own-1');
  expect(ran.err).not.toContain('signed-1');
});

it('--signed shows what was signed, and there alone it may be taken back', async () => {
  fake.open('signed-1', { policy: policy({ approvers: { people: ['ana', 'bo'] }, quorum: 2 }) });
  fake.say('signed-1', 'ana', 'approve');
  const ran = await walk(['w'], '--signed');
  expect(ran.asked).toEqual(['What do you say? aersndwxc⏎q']);
  expect(fake.gates.get('signed-1')?.signatures).toEqual([]);
  expect(ran.out).toContain('1 decided: 1 withdraw');
});

it('only what the policy offers has a key', async () => {
  fake.open('pay-1', { policy: policy({}, { verdicts: ['approve', 'reject'] }) });
  expect((await walk([ENTER])).asked).toEqual(['What do you say? arc⏎q']);
});
