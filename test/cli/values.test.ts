/** What an option's value may be: numbers in digits, names and ids that can be said again. */
import { temporaryDirectory } from '../support/app';
import { cli } from '../support/cli-person';
import { fakeTemporal, type FakeTemporal } from '../support/fake-temporal';

const directory = temporaryDirectory();
afterAll(() => {
  directory.remove();
});
let fake: FakeTemporal;
beforeEach(() => {
  fake = fakeTemporal();
  fake.open('pay-1');
});
const say = (...argv: string[]) => cli(fake, argv, { data: directory.path });
const usage = (text: string) => ({ code: 2, err: expect.stringContaining(text) as string });

it.each(['', ' ', '０.5', '0x1', '1e0', 'NaN', 'high', '١'])('a score of %j is none', async (score) => {
  expect(await say('feedback', 'pay-1', '--key', 'h', '--score', score)).toMatchObject(
    usage('Give a number from 0 to 1 in the digits 0-9, such as 0.8.'),
  );
});

it.each([['2'], ['-0.1']])('a score of %s is one out of reach', async (score) => {
  expect(await say('feedback', 'pay-1', '--key', 'h', '--score', score)).toMatchObject(
    usage('INVALID_INPUT: '),
  );
});

it('feedback of what people decided takes none of one’s own beside it', async () => {
  const decided = await say('feedback', 'pay-1', '--decided', '--key', 'h', '--score', '1', '--comment', 'c');
  expect(decided).toMatchObject({
    code: 2,
    err: 'INVALID_INPUT: --decided takes what people decided as the feedback; give it without --key, --score, --comment\n',
  });
});

it.each(['2.5', '1e3', '0', '-1', '', '٣', '0x10', '99999999999999999999'])('no limit: %j', async (limit) => {
  expect(await say('inbox', '--limit', limit)).toMatchObject(
    usage('Give a whole number above 0, in digits.'),
  );
});

it.each(['1e3', '0', '', '0x10', 'Infinity'])('no timeout: %j', async (timeout) => {
  expect(await say('result', 'pay-1', '--timeout', timeout)).toMatchObject(usage('Give a number above 0.'));
});

it('an inbox is somebody’s, or everybody’s', async () => {
  expect(await say('inbox', '--reviewer', ' ')).toMatchObject(usage('Give a name.'));
  expect((await say('inbox', '--limit', '3', '--reviewer', 'ana')).out).toContain('pay-1');
});

describe('the id of what is started', () => {
  const START = [
    'start',
    'confirm',
    '--input',
    '{"v":1,"action":"Delete it","level":"CONFIRM","requester":"req"}',
  ];
  it.each([
    { said: 'right to left', id: 'ev\u202eil' },
    { said: 'of no width', id: 'a\u200bb' },
    { said: 'a line feed', id: 'a\nb' },
    { said: 'another script, which is shown by its codes', id: 'р-1' },
    { said: 'blank', id: '' },
    { said: 'a space at the end', id: 'a ' },
  ])('$said', async ({ id }) => {
    for (const argv of [['propose', 'x'], ['confirm', 'Delete it'], START])
      expect(await say(...argv, '--id', id)).toMatchObject({
        code: 2,
        err: expect.stringMatching(/^INVALID_INPUT: --id takes 1–200 printable ASCII characters/) as string,
      });
    expect(fake.started).toEqual([]);
  });

  it('any other is taken as it is', async () => {
    expect(await say(...START, '--id', '-two words/1')).toMatchObject({ code: 0, err: '' });
    expect(fake.started).toMatchObject([{ workflowId: '-two words/1' }]);
  });
});

describe('reconcile', () => {
  it.each(['1 second', '59 seconds', '1'])('every %s is too often', async (every) => {
    expect(await say('reconcile', '--every', every)).toMatchObject(
      usage("Give a minute or more, such as '1 hour'."),
    );
  });

  it.each([
    { explained: 1, checked: 1, line: '1 workflow checked', forks: '; 1 fork explained' },
    { explained: 0, checked: 2, line: '2 workflows checked', forks: '; 0 forks explained' },
  ])('$checked, $explained: as one counts', async ({ explained, checked, line, forks }) => {
    const report = { v: 1, since: 's', until: 'u', checked, ended: 0, explained, mismatches: ['x'] };
    Object.assign(fake.countersign, { reconcile: async () => report });
    const { out, err } = await say('reconcile');
    expect(out).toContain(line);
    expect(out).toContain(forks);
    expect(err).toBe('AUDIT_MISMATCH: 1 does not match the store\n');
  });
});
