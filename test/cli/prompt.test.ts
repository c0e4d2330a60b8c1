/** Plain prompts: numbered lines, nothing chosen beforehand, and no answer is never a yes. */
import { plain, prompts, type Prompts } from '../../src/cli/prompt';
import { readDefaults } from '../../src/config';
import { kept } from '../support/cli-program';

/** A person who types these lines and then leaves. */
function typing(...lines: string[]): { ask: Prompts; seen: () => string } {
  let seen = '';
  const ask = plain(
    (text) => (seen += text),
    async () => lines.shift(),
  );
  return { ask, seen: () => seen };
}

it('confirm is a numbered choice', async () => {
  const { ask, seen } = typing('1');
  expect(await ask.confirm('approve revision 1?', 'approve')).toBe(true);
  expect(seen()).toBe('approve revision 1?\n1) approve\n2) send nothing\nType a number, 1 to 2: ');
});

it.each([
  { typed: ['2'], is: false },
  { typed: [], is: false },
  { typed: ['', 'y', 'yes', '0', '3', '1.0', '-1'], is: false },
  { typed: ['y', ' 1 '], is: true },
])('only the number of the yes is a yes: $typed', async ({ typed, is }) => {
  const { ask, seen } = typing(...typed);
  expect(await ask.confirm('approve?', 'approve')).toBe(is);
  const wrong = typed.filter((line) => !/^ ?[12] ?$/.test(line)).length;
  expect(seen().split('That is not a number from 1 to 2.\n')).toHaveLength(wrong + 1);
});

it('text asks until there is some', async () => {
  const { ask, seen } = typing('', '  ', ' wrong order ');
  expect(await ask.text('Why?', 'A comment is needed.')).toBe('wrong order');
  expect(seen()).toBe('Why? A comment is needed.\nWhy? A comment is needed.\nWhy? ');
  expect(await typing().ask.text('Why?', 'A comment is needed.')).toBeUndefined();
});

it('a text that is checked is taken character for character, and what is wrong with it is said', async () => {
  const { ask, seen } = typing('', 'delete it', ' DELETE it', 'DELETE it');
  const wrong = (given: string) => (given === 'DELETE it' ? undefined : 'That is not it.');
  expect(await ask.text('Phrase?', 'It is needed.', wrong)).toBe('DELETE it');
  expect(seen()).toBe('Phrase? It is needed.\nPhrase? That is not it.\nPhrase? That is not it.\nPhrase? ');
});

it('a key is a number, and no letter is one', async () => {
  const { ask, seen } = typing('a', '2');
  const choices = [
    { key: 'a', value: 'approve', label: 'approve' },
    { key: 'q', value: 'quit', label: 'quit' },
  ];
  expect(await ask.key('What do you say?', choices)).toBe('quit');
  expect(seen()).toBe(
    'What do you say?\n1) approve\n2) quit\nType a number, 1 to 2: That is not a number from 1 to 2.\nType a number, 1 to 2: ',
  );
  expect(await typing().ask.key('What do you say?', choices)).toBeUndefined();
});

it('nothing of it moves a cursor or draws', async () => {
  const { ask, seen } = typing('x', '1', '', 'y');
  await ask.select('Which?', [{ value: 1, label: 'one' }]);
  await ask.text('Why?', 'Say why.');
  expect(seen()).toMatch(/^[\n\x20-\x7e]+$/);
});

it('without a terminal nothing is asked', () => {
  expect(() => prompts({ streams: kept(), defaults: readDefaults({}) })).toThrow(
    expect.objectContaining({ exit: 2, code: 'NO_TERMINAL' }) as Error,
  );
});

it.each([
  { env: { COUNTERSIGN_PROMPTS: 'plain', TERM: 'xterm' }, plain: true },
  { env: { TERM: 'dumb' }, plain: true },
  { env: { TERM: 'xterm' }, plain: false },
  { env: {}, plain: false },
])('$env: plain $plain', ({ env, plain: is }) => {
  expect(readDefaults(env).plain).toBe(is);
});

it.each([
  { env: { NO_COLOR: '1', FORCE_COLOR: '1' }, colours: false },
  { env: { NO_COLOR: '' }, colours: undefined },
  { env: { FORCE_COLOR: '1' }, colours: true },
  { env: { FORCE_COLOR: '0' }, colours: false },
])('$env: colours $colours', ({ env, colours }) => {
  expect(readDefaults(env).colours).toBe(colours);
});
