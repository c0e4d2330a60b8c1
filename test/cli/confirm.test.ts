/** `confirm` and `start`: what is started, what is refused before it is sent, and --wait as an exit code. */
import { temporaryDirectory } from '../support/app';
import { cli } from '../support/cli-person';
import { fakeTemporal, resultOf, type FakeTemporal } from '../support/fake-temporal';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const directory = temporaryDirectory();
afterAll(() => {
  directory.remove();
});

let fake: FakeTemporal;
beforeEach(() => {
  fake = fakeTemporal();
});
const say = (...argv: string[]) => cli(fake, argv, { data: directory.path });
const QUESTION = 'Delete resource orders-eu';

it.each([
  { argv: [], argument: { level: 'CONFIRM' } },
  { argv: ['--level', 'VERIFY'], argument: { level: 'VERIFY' } },
  {
    argv: ['--level', 'VERIFY', '--phrase', 'DELETE orders-eu'],
    argument: { level: 'VERIFY', verificationPhrase: 'DELETE orders-eu' },
  },
  { argv: ['--details', '{"rows":12}'], argument: { level: 'CONFIRM', details: { rows: 12 } } },
  { argv: ['--policy', 'strict'], argument: { level: 'CONFIRM', policy: 'strict' } },
  {
    argv: ['--policy', '{"levels":[{"name":"HUMAN","approvers":{"people":["ana"]},"respondWithin":"1h"}]}'],
    argument: {
      level: 'CONFIRM',
      policy: { levels: [{ name: 'HUMAN', approvers: { people: ['ana'] }, respondWithin: '1h' }] },
    },
  },
])('confirm $argv', async ({ argv, argument }) => {
  const ran = await say('confirm', QUESTION, '--requester', 'svc', '--id', 'c-1', ...argv);
  expect(ran).toMatchObject({ code: 0, out: 'c-1\n', err: '' });
  expect(fake.started).toEqual([
    {
      type: 'confirm',
      workflowId: 'c-1',
      argument: { v: 1, action: QUESTION, requester: 'svc', ...argument },
    },
  ]);
});

it('details from a file', async () => {
  const file = join(directory.path, 'details.json');
  writeFileSync(file, '{"rows":12}');
  await say('confirm', QUESTION, '--details', `@${file}`);
  expect(fake.started).toMatchObject([{ argument: { details: { rows: 12 } } }]);
});

it.each([
  { argv: ['--level', 'MAYBE'], code: 2, says: /Allowed choices are INFO, CONFIRM, VERIFY/ },
  { argv: ['--details', '[1]'], code: 2, says: /^INVALID_INPUT: details: expected record/ },
  { argv: ['--details', '{'], code: 2, says: /^INVALID_INPUT: --details is not JSON/ },
  { argv: ['--phrase', 'DELETЕ'], code: 2, says: /verificationPhrase: must be 1–200 printable ASCII/ },
  { argv: ['--policy', '{'], code: 2, says: /^INVALID_INPUT: --policy is not JSON/ },
  { argv: ['--policy', ' name '], code: 2, says: /^INVALID_INPUT: policy: must be 1–200 printable ASCII/ },
  {
    argv: ['--policy', '{"confirmation":"CONFIRM","levels":[]}', '--level', 'VERIFY'],
    code: 2,
    says: /policy\.confirmation: level says VERIFY; leave it out/,
  },
  { argv: ['--requester', ''], code: 2, says: /^INVALID_INPUT: requester: / },
])('confirm $argv is refused before it is sent', async ({ argv, code, says }) => {
  const ran = await say('confirm', QUESTION, ...argv);
  expect(ran).toMatchObject({ code, out: '' });
  expect(ran.err).toMatch(says);
  expect(fake.started).toEqual([]);
});

it('a question is needed', async () => {
  expect(await say('confirm')).toMatchObject({
    code: 2,
    err: expect.stringContaining("'question'") as string,
  });
});

it.each([
  { ends: { confirmed: true }, code: 0, out: 'confirmed\n' },
  {
    ends: { outcome: 'rejected' as const, reason: 'ana rejected it: no\nconfirmed', confirmed: false },
    code: 1,
    out: 'not confirmed: rejected: ana rejected it: no‹U+000A›confirmed\n',
  },
  { ends: { outcome: 'expired' as const, confirmed: false }, code: 1, out: 'not confirmed: expired\n' },
])('--wait: $out', async ({ ends, code, out }) => {
  const { confirmed, ...more } = ends;
  fake.results.set('c-1', { ...resultOf(more), confirmed });
  expect(await say('confirm', QUESTION, '--id', 'c-1', '--wait')).toMatchObject({ code, out });
  const json = await say('confirm', QUESTION, '--id', 'c-1', '--wait', '--json');
  expect(json.code).toBe(code);
  expect(JSON.parse(json.out)).toMatchObject({ workflowId: 'c-1', confirmed, audit: { entries: 7 } });
});

it.each([
  { argv: ['propose', 'a task', '--policy', 'strict'], policy: 'strict' },
  { argv: ['propose', 'a task', '--policy', '42'], policy: '42' },
])('$argv: a policy by its name', async ({ argv, policy }) => {
  expect(await say(...argv)).toMatchObject({ code: 0 });
  expect(fake.started).toMatchObject([{ type: 'proposeAndExecute', argument: { policy } }]);
});

it('start takes confirm, and refuses a level, with workflows of one’s own or without', async () => {
  const input = JSON.stringify({ v: 1, action: QUESTION, level: 'INFO', requester: 'svc' });
  expect(await say('start', 'confirm', '--input', input, '--id', 'c-2')).toMatchObject({ code: 0 });
  expect(await say('start', 'confirm', '--input', '{"v":1}')).toMatchObject({
    code: 2,
    err: expect.stringMatching(/^INVALID_INPUT: action: .*; level: .*; requester: /) as string,
  });
  for (const env of [{}, { COUNTERSIGN_WORKFLOWS: './own.ts' }])
    expect(
      await cli(fake, ['start', 'reviewLevel', '--input', '{}'], { data: directory.path, env }),
    ).toMatchObject({
      code: 2,
      err: 'INVALID_INPUT: a level is asked by the gate that owns it; start proposeAndExecute with a policy that has the level\n',
    });
  expect(fake.started).toHaveLength(1);
});
