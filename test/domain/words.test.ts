/** Word by word: what changed in a text, where that can be read, and in which texts of a proposal it is told. */
import { compare, type Operation } from 'fast-json-patch';
import fc from 'fast-check';
import { reworded, wordsChanged, type WordChange } from '../../src/domain/words';

const SEED = 20_260_302;

/** The text as it was, or as it is, put together again from what is the same and what is not. */
function side(changes: readonly WordChange[], of: 'added' | 'removed'): string {
  return changes
    .filter(({ op }) => op === 'same' || op === of)
    .map(({ text }) => text)
    .join('');
}

/** `=same +added -removed`. */
const told = (changes: readonly WordChange[] | undefined) =>
  changes?.map(({ op, text }) => `${{ same: '=', added: '+', removed: '-' }[op]}${text}`);

describe('what changed in a text', () => {
  it.each<[string, string, string, string[]]>([
    ['nothing', 'it ships', 'it ships', ['=it ships']],
    ['a word', 'it ships on Monday', 'it ships on Friday', ['=it ships on ', '-Monday', '+Friday']],
    ['a word more', 'it ships', 'it all ships', ['=it ', '+all ', '=ships']],
    ['a word less', 'it all ships', 'it ships', ['=it ', '-all ', '=ships']],
    ['a capital', 'it ships', 'It ships', ['-it', '+It', '= ships']],
    ['a space', 'it ships', 'it  ships', ['=it', '- ', '+  ', '=ships']],
    ['a line', 'it ships\n', 'it ships\r\n', ['=it ships', '-\n', '+\r\n']],
    ['everything', 'it ships', '', ['-it ships']],
    ['from nothing', '', 'it ships', ['+it ships']],
  ])('%s', (_, before, after, changes) => {
    expect(told(wordsChanged(before, after))).toEqual(changes);
  });

  it.each<[string, fc.Arbitrary<string>]>([
    [
      'lists of words',
      fc
        .array(
          fc.constantFrom('it', 'It', 'ships', 'not', '–', '.', ' ', '  ', '\n', '\r\n', 'ä', '世界', '😀'),
          {
            maxLength: 60,
          },
        )
        .map((words) => words.join('')),
    ],
    ['any text', fc.string({ unit: 'binary', maxLength: 80 })],
  ])('of %s: same and removed are the old text, same and added the new one', (_, text) => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const changes = wordsChanged(before, after);
        if (changes === undefined) throw new Error('it is short enough to be read');
        expect(side(changes, 'removed')).toBe(before);
        expect(side(changes, 'added')).toBe(after);
        expect(changes.some(({ op }) => op !== 'same')).toBe(before !== after);
      }),
      { seed: SEED, numRuns: 2_000 },
    );
  });

  const words = (count: number, name: string) => Array.from({ length: count }, () => name).join(' ');
  it.each<[string, string, string, boolean]>([
    ['20,000 characters', `${'x'.repeat(19_998)} a`, `${'x'.repeat(19_998)} b`, true],
    ['one more before', `${'x'.repeat(19_999)} a`, 'x a', false],
    ['one more after', 'x a', `${'x'.repeat(19_999)} a`, false],
    ['200 words by 200 others', words(200, 'old'), words(200, 'new'), true],
    ['201 words by 201 others', words(201, 'old'), words(201, 'new'), false],
  ])('it is told of %s: %#', (_, before, after, readable) => {
    const changes = wordsChanged(before, after);
    expect(changes !== undefined).toBe(readable);
    if (changes !== undefined) expect(side(changes, 'added')).toBe(after);
  });
});

describe('in which texts it is told', () => {
  const proposal = (args: object, rest: object = {}) => ({ title: 'A refund', args, ...rest });
  const across = (before: object, after: object) =>
    reworded(before, compare(before, after)).map(({ path, changes }) => [path, told(changes)]);
  const OLD = 'it was broken';
  const NEW = 'it was lost';
  const CHANGES = ['=it was ', '-broken', '+lost'];

  it.each<[string, object, object, unknown[]]>([
    ['a text', { why: OLD }, { why: NEW }, [['/args/why', CHANGES]]],
    ['a text in a list in an object', { a: [{ b: OLD }] }, { a: [{ b: NEW }] }, [['/args/a/0/b', CHANGES]]],
    ['a key with a slash and a tilde', { 'a/b~c': OLD }, { 'a/b~c': NEW }, [['/args/a~1b~0c', CHANGES]]],
    [
      'a key that looks like an escape',
      { '~1': OLD, '/': 'no text' },
      { '~1': NEW, '/': 'no text' },
      [['/args/~01', CHANGES]],
    ],
    ['a key that is empty', { '': OLD }, { '': NEW }, [['/args/', CHANGES]]],
    ['a value without a space is no text', { order: 'A-1' }, { order: 'A-2' }, []],
    ['nor is one that became two words', { why: 'broken' }, { why: 'was lost' }, []],
    ['nor one that was two', { why: 'was broken' }, { why: 'lost' }, []],
    ['a space at its end makes no second word', { why: 'broken ' }, { why: ' lost' }, []],
    ['a number is none', { why: OLD }, { why: 40 }, []],
    ['and was none', { why: 40 }, { why: NEW }, []],
    ['a text that is new has no old one', {}, { why: NEW }, []],
    ['nor a new one, that is gone', { why: OLD }, {}, []],
    ['nothing changed', { why: OLD }, { why: OLD }, []],
    [
      'one that is too long is left to the difference',
      { why: `${OLD} ${'x'.repeat(20_000)}` },
      { why: NEW },
      [],
    ],
  ])('%s', (_, before, after, words) => {
    expect(across(proposal(before), proposal(after))).toEqual(words);
  });

  it('each of them in the order of the difference, and no claim about the args', () => {
    const before = proposal({ a: OLD, b: 1, c: OLD }, { rationale: OLD });
    const after = proposal({ a: NEW, b: 2, c: NEW }, { rationale: NEW });
    expect(across(before, after)).toHaveLength(2);
    expect(new Set(across(before, after))).toEqual(
      new Set([
        ['/args/c', CHANGES],
        ['/args/a', CHANGES],
      ]),
    );
  });

  it.each<[string, Operation]>([
    ['a path that is not there', { op: 'replace', path: '/args/none/why', value: NEW }],
    ['a path through a text', { op: 'replace', path: '/args/why/0', value: NEW }],
    ['another operation', { op: 'test', path: '/args/why', value: NEW }],
    ['the args, all of them', { op: 'replace', path: '/args', value: NEW }],
  ])('%s tells nothing', (_, operation) => {
    expect(reworded(proposal({ why: OLD }), [operation])).toEqual([]);
  });

  it('many texts share what may be spent on them: no rewriting keeps a workflow busy', () => {
    const texts = (mark: string) => ({
      args: { texts: Array.from({ length: 60 }, () => `${mark.repeat(150)} x`) },
    });
    const [before, after] = [texts('.'), texts('!')];
    const told = reworded(before, compare(before, after));
    expect(told.map(({ path }) => path)).toEqual(['/args/texts/59']);
  });
});
