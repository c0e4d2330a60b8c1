/** What a person reads of a text that was changed: whole words, marked, with no more of the rest than it takes. */
import { marked, spansOf } from '../../src/domain/words-shown';
import { wordsChanged } from '../../src/domain/words';
import { HOSTILE, raw } from '../support/hostile';

const read = (before: string, after: string, whole = false) =>
  spansOf(wordsChanged(before, after) ?? [], whole)
    .map(marked)
    .join('');
const LONG = Array.from({ length: 40 }, (_, nth) => `word${String(nth)}`).join(' ');
const START = LONG.slice(0, 60).replace(/\S+$/, '');
const END = LONG.slice(-60).replace(/^\S+/, '');

it.each([
  { said: 'a word for another', before: 'pay 40 now', after: 'pay 30 now', shown: 'pay [-40-]{+30+} now' },
  { said: 'a word more', before: 'pay it', after: 'pay it now', shown: 'pay it{+ now+}' },
  { said: 'a word less', before: 'do not pay', after: 'do pay', shown: 'do [-not -]pay' },
  {
    said: 'a letter is a change of its word: nobody finds it in the middle of one',
    before: 'naïve pаypal',
    after: 'naïve paypal',
    shown: 'naïve [-p‹U+0430›ypal-]{+paypal+}',
  },
  {
    said: 'two changes in one word are one',
    before: 'das Wörterbuchende hier',
    after: 'das Wärterböchende hier',
    shown: 'das [-Wörterbuchende-]{+Wärterböchende+} hier',
  },
  {
    said: 'two lines',
    before: 'one\ntwo three',
    after: 'one\n2 three',
    shown: 'one\n[-two-]{+2+} three',
  },
  {
    said: 'marks of its own are parted: a text cannot pass for a change',
    before: 'as [-was-] and {+is+} he said',
    after: 'as [-was-] and {+is+} she said',
    shown: 'as [\\-was-\\] and {\\+is+\\} [-he-]{+she+} said',
  },
  {
    said: 'the rest of a long text is left out, at words',
    before: `${LONG} here ${LONG}`,
    after: `${LONG} there ${LONG}`,
    shown: ` … ${`${END} `.slice(-60).replace(/^\S+/, '')}[-here-]{+there+} ${START.slice(0, 59).replace(/\S+$/, '')} … `,
  },
  {
    said: 'between two changes both ends are there',
    before: `old ${LONG} old`,
    after: `new ${LONG} new`,
    shown: `[-old-]{+new+} ${LONG.slice(0, 59).replace(/\S+$/, '')} … ${LONG.slice(-59).replace(/^\S+/, '')} [-old-]{+new+}`,
  },
  {
    said: 'a word without an end is shown as far as there is room',
    before: `${'x'.repeat(500)} old`,
    after: `${'x'.repeat(500)} new`,
    shown: ` … ${'x'.repeat(59)} [-old-]{+new+}`,
  },
])('$said', ({ before, after, shown }) => {
  expect(read(before, after)).toBe(shown);
});

it('whole, nothing is left out', () => {
  expect(read(`${LONG} here`, `${LONG} there`, true)).toBe(`${LONG} [-here-]{+there+}`);
});

it('300 hostile strings, removed, added and left as they are', () => {
  for (const text of HOSTILE) {
    const said = [
      read(`say ${text} now`, `say ${text} then`),
      read('say it now', `say ${text} now`, true),
      read(`say ${text} now`, 'say it now'),
    ].join('\n');
    expect({ text, raw: raw(said) }).toEqual({ text, raw: [] });
  }
});
