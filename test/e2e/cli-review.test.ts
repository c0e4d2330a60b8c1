/** The walk through one's inbox at a real terminal, by keys and by numbers; and the verdicts that need a level, live. */
import { COUNTERSIGN, run, startApp, temporaryDirectory, until, type App, type Ran } from '../support/app';
import { terminal, type Terminal } from '../support/terminal';

const directory = temporaryDirectory();
let app: App;
let env: NodeJS.ProcessEnv;
const open: Terminal[] = [];

beforeAll(async () => {
  app = await startApp({ data: directory.path });
  const unset = ['NO_COLOR', 'FORCE_COLOR', 'CI', 'COUNTERSIGN_PROMPTS'];
  env = Object.fromEntries(Object.entries(app.env).filter(([name]) => !unset.includes(name)));
  env['TERM'] = 'xterm';
});
afterEach(async () => {
  for (const one of open.splice(0)) await one.kill();
});
afterAll(async () => {
  await app.stop();
  directory.remove();
});

const cli = (args: readonly string[], input = '') =>
  run(process.execPath, [COUNTERSIGN, ...args], env, input);
function at(args: readonly string[], more: NodeJS.ProcessEnv = {}): Terminal {
  const opened = terminal([process.execPath, COUNTERSIGN, ...args], { ...env, ...more });
  open.push(opened);
  return opened;
}
const json = <T = Record<string, unknown>>(ran: Ran): T => JSON.parse(ran.out) as T;

const LEVEL = { respondWithin: '1 hour' };
const level = (name: string, ...people: string[]) => ({ name, approvers: { people }, ...LEVEL });
/** Each person's own gates, so that no test sees another's. */
const asks = (who: string, more: object = {}) => ({
  confirmation: 'CONFIRM',
  levels: [level('HUMAN', who), level('MANAGER', `${who}-manager`)],
  ...more,
});

async function proposed(id: string, policy: object, task = 'answer: hello'): Promise<string> {
  const argv = ['propose', task, '--id', id, '--requester', 'svc', '--policy', JSON.stringify(policy)];
  expect(await cli(argv)).toMatchObject({ code: 0, out: `${id}\n` });
  return (await app.reaches(id, 'open')).digest ?? '';
}
/** Once visibility has them, which comes a moment later. */
async function listed(who: string, count: number): Promise<{ workflowId: string; level: string }[]> {
  const client = await app.client();
  const waiting = async () => {
    const items: string[] = [];
    for await (const { workflowId } of client.list({ reviewer: who })) items.push(workflowId);
    return items.length;
  };
  await until(waiting, (items) => items === count);
  return json(await cli(['inbox', '--json', '--reviewer', who]));
}

it('by keys: approves with two keys, rejects with a comment, skips; pasted text and keys typed ahead are none', async () => {
  for (const id of ['key-1', 'key-2', 'key-3']) await proposed(id, asks('kim'));
  await listed('kim', 3);
  const shown = at(['review', '--reviewer', 'kim']);
  shown.types('aaaayyyy'); // before anything was asked
  await shown.sees('key-1');
  await shown.sees('[q] quit');
  shown.types('approve'); // as a paste comes
  await shown.sees('One key of these');
  shown.types('a');
  await shown.sees('approve revision 1?');
  await shown.sees('[n] no');
  shown.types('y');
  await shown.sees('admitted on revision 1 of key-1');
  await shown.sees('[q] quit');
  shown.types('r');
  await shown.sees('Why?');
  shown.types('wrong order\r');
  await shown.sees('admitted on revision 1 of key-2');
  await shown.sees('[q] quit');
  shown.types('\r');
  await shown.sees('2 decided: 1 approve, 1 reject');
  await shown.sees('1 skipped');
  expect(await shown.ends()).toBe(0);
  expect(await app.result('key-1')).toMatchObject({ outcome: 'approved' });
  expect(await app.result('key-2')).toMatchObject({
    outcome: 'rejected',
    decisions: [{ reviewer: 'kim', comment: 'wrong order', level: 'HUMAN' }],
  });
  expect(await app.gate('key-3')).toMatchObject({ status: 'open', signatures: [] });
});

it('by numbers, where prompts are plain; the phrase is typed', async () => {
  const policy = asks('pat', { confirmation: 'VERIFY', phrase: 'ANSWER hello' });
  await proposed('plain-1', policy);
  await listed('pat', 1);
  const shown = at(['review', '--reviewer', 'pat'], { COUNTERSIGN_PROMPTS: 'plain' });
  await shown.sees('What do you say?');
  await shown.sees('1) approve');
  await shown.sees('Type a number');
  shown.types('a\n');
  await shown.sees('That is not a number');
  await shown.sees('Type a number');
  shown.types('1\n');
  await shown.sees('type exactly this:\r\n  ANSWER hello');
  await shown.sees('Phrase? ');
  shown.types('answer hello\n');
  await shown.sees('That is not it');
  await shown.sees('Phrase? ');
  shown.types('ANSWER hello\n');
  await shown.sees('1 decided: 1 approve');
  expect(await shown.ends()).toBe(0);
  expect(shown.shown()).toMatch(/^[\r\n\t\x20-\x7e…]*$/);
  expect(await app.result('plain-1')).toMatchObject({ outcome: 'approved' });
});

it('Ctrl-C leaves: nothing is sent, and the terminal is as it was', async () => {
  await proposed('leave-1', asks('lee'));
  await listed('lee', 1);
  const shown = terminal(`sh -c '${process.execPath} ${COUNTERSIGN} review --reviewer lee; stty -a'`, env);
  open.push(shown);
  await shown.sees('[q] quit');
  shown.types('\u0003');
  await shown.sees('1 left unread');
  await shown.sees('icanon');
  expect(shown.shown()).not.toContain('-icanon');
  expect(await shown.ends()).toBe(0);
  expect(await app.gate('leave-1')).toMatchObject({ status: 'open', signatures: [] });
});

it('a pipe is nobody', async () => {
  await proposed('pipe-1', asks('pia'));
  await listed('pia', 1);
  for (const keys of ['ay', 'a\ny\n', '1\n1\n'])
    expect(await cli(['review', '--reviewer', 'pia'], keys)).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringMatching(/^NO_TERMINAL: .*`countersign inbox --json`.*--digest/) as string,
    });
  expect(await app.gate('pipe-1')).toMatchObject({ status: 'open', signatures: [] });
});

it('passed up, found in the inbox by its level, followed, and told by level in the end', async () => {
  const digest = await proposed('up-1', asks('uma'));
  const by = ['--digest', digest, '--reviewer'];
  expect(await cli(['extend', 'up-1', ...by, 'uma', '--until', '2 hours'])).toMatchObject({ code: 0 });
  expect(await cli(['delegate', 'up-1', ...by, 'uma', '--to', 'dee'])).toMatchObject({ code: 0 });
  const shown = await cli(['show', 'up-1', '--reviewer', 'uma']);
  expect(shown.out).toMatch(/missing {5}1 more: uma or dee\n/);
  expect(shown.out).toMatch(/until .*; silence passes it up: MANAGER is asked\n/);
  const up = await cli(['escalate', 'up-1', ...by, 'dee', '--comment', 'above my limit']);
  expect(up).toMatchObject({ code: 0 });
  expect(await listed('uma-manager', 1)).toMatchObject([{ workflowId: 'up-1/MANAGER', level: 'MANAGER' }]);
  await app.reaches('up-1', 'waiting');
  expect(await cli(['approve', 'up-1', ...by, 'uma-manager'])).toMatchObject({
    code: 1,
    err: expect.stringMatching(/^ASK_CHILD: .*decide on the workflow up-1\/MANAGER: .*--follow\n$/) as string,
  });
  expect(await cli(['approve', 'up-1', ...by, 'uma-manager', '--follow'])).toMatchObject({
    code: 0,
    out: 'admitted on revision 1 of up-1/MANAGER\n',
  });
  const told = await cli(['result', 'up-1', '--wait']);
  expect(told.out).toMatch(
    /level {4}HUMAN\n.*uma: extend until .*\n.*uma: delegate to dee\n.*dee: escalate \(above my limit\)\n.*passed up to MANAGER: .*\nlevel {4}MANAGER\n.*uma-manager: approve\n/,
  );
});

it('withdraw takes a signature back', async () => {
  const policy = { confirmation: 'CONFIRM', levels: [{ ...level('HUMAN', 'wes', 'wim'), quorum: 2 }] };
  const digest = await proposed('with-1', policy);
  const argv = ['with-1', '--digest', digest, '--reviewer', 'wes'];
  expect(await cli(['withdraw', ...argv])).toMatchObject({
    code: 1,
    out: 'refused: NOTHING_TO_WITHDRAW: wes has not signed revision 1\n',
  });
  expect(await cli(['approve', ...argv])).toMatchObject({ code: 0 });
  expect(await cli(['withdraw', ...argv])).toMatchObject({ code: 0 });
  expect(await app.gate('with-1')).toMatchObject({ status: 'open', signatures: [] });
});

it.each([
  { verdict: 'approve', more: ['--phrase', 'DELETE orders-eu'], code: 0, out: 'confirmed\n' },
  {
    verdict: 'reject',
    more: ['--comment', 'still used'],
    code: 1,
    out: 'not confirmed: rejected: cleo rejected it: still used\n',
  },
])('confirm --wait: $verdict ends with $code', async ({ verdict, more, code, out }) => {
  const id = `confirm-${verdict}`;
  const waiting = cli([
    ...['confirm', 'Delete resource orders-eu', '--level', 'VERIFY', '--details', '{"rows":12}'],
    ...['--requester', 'svc', '--id', id, '--wait'],
  ]);
  const packet = await until(
    () => app.gate(id).catch(() => undefined), // it may not have started yet
    (one) => one?.status === 'open',
  );
  const { digest = '', phrase } = packet ?? {};
  expect(phrase).toBe('DELETE orders-eu');
  const decided = await cli([verdict, id, '--digest', digest, '--reviewer', 'cleo', ...more]);
  expect(decided).toMatchObject({ code: 0 });
  expect(await waiting).toMatchObject({ code, out });
});
