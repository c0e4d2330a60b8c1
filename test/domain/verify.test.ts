/** VERIFY: the phrase is ours, printable ASCII, and typed character for character; whatever only looks like it is refused. */
import { admit } from '../../src/domain/gate/admit';
import { decide, type Gate } from '../../src/domain/gate';
import { packetOf } from '../../src/domain/packet';
import { phraseOf, phraseOfWords, verbAndTarget } from '../../src/domain/phrase';
import { Phrase } from '../../src/domain/policy';
import {
  approve,
  ARGS,
  assessed,
  edit,
  leaves,
  open,
  OPENED,
  openAmong,
  play,
  policy,
  reject,
  withdraw,
} from './given';

const verify = (phrase?: string, quorum = 1) =>
  policy({ quorum, rejections: 2 }, { confirmation: 'VERIFY', ...(phrase === undefined ? {} : { phrase }) });
const PHRASE = 'DELETE orders-eu';

describe('the phrase is exact', () => {
  const gate = open(verify(PHRASE, 2));
  const typed = (phrase: string) => ({ phrase });

  it('each signer types it: approve needs it, and edit; nothing else does', () => {
    const {
      answers,
      sentences,
      gate: next,
    } = play(gate, [
      approve('ana'),
      edit('ana', 7),
      reject('ana'),
      withdraw('ana'),
      approve('ana', typed(PHRASE)),
      approve('bo'),
      approve('bo', typed(PHRASE)),
    ]);
    expect(answers).toEqual([
      'PHRASE_REQUIRED',
      'PHRASE_REQUIRED',
      'admitted',
      'admitted',
      'admitted',
      'PHRASE_REQUIRED',
      'admitted',
    ]);
    expect(sentences.slice(0, 2)).toEqual([
      'approve needs the phrase, exactly: DELETE orders-eu',
      'edit needs the phrase, exactly: DELETE orders-eu',
    ]);
    expect(leaves(next)).toMatchObject({ status: 'approved', signatures: ['ana', 'bo'] });
  });

  it('the packet shows it, and none where nobody has to type', () => {
    expect(packetOf(gate).phrase).toBe(PHRASE);
    expect(packetOf(open())).not.toHaveProperty('phrase');
  });

  it('another phrase is told apart from none', () => {
    expect(play(gate, [approve('ana', typed('delete orders-eu')), approve('bo', typed(''))])).toMatchObject({
      answers: ['PHRASE_MISMATCH', 'PHRASE_MISMATCH'],
      sentences: [
        `the phrase is another one; type it exactly, character for character, in plain ASCII: ${PHRASE}`,
        `the phrase is another one; type it exactly, character for character, in plain ASCII: ${PHRASE}`,
      ],
    });
  });

  it('an edit whose phrase stays is signed by its editor', () => {
    const { gate: next } = play(gate, [edit('ana', 7, typed(PHRASE))]);
    expect(leaves(next)).toMatchObject({ status: 'open', revision: 2, amount: 7, signatures: ['ana'] });
  });

  it('an edit whose phrase changes is not: the editor has typed another one', () => {
    const own = open(verify(undefined, 1));
    const { gate: next } = play(own, [edit('ana', 7, typed(own.phrase!))]);
    expect(leaves(next)).toMatchObject({ status: 'open', revision: 2, amount: 7, signatures: [] });
    expect(next.phrase).not.toBe(own.phrase);
    expect(play(next, [approve('ana', { id: 'x', phrase: own.phrase! })]).answers).toEqual([
      'PHRASE_MISMATCH',
    ]);
    expect(play(next, [approve('ana', { id: 'x', phrase: next.phrase! })]).gate.status).toBe('approved');
  });

  it('an edit that comes to be asked at VERIFY, and one that no longer is', () => {
    const to = (gate: Gate, under: ReturnType<typeof policy>, phrase?: string) => {
      const { decision, at } = edit('ana', 7, phrase === undefined ? {} : { phrase })(gate, 1);
      expect(admit(gate, decision, at)).toBeUndefined();
      return decide(gate, decision, at, { policy: under, assessment: assessed(decision.args!) });
    };
    expect(leaves(to(open(), verify(PHRASE)))).toMatchObject({ status: 'open', signatures: [] });
    expect(leaves(to(open(verify(PHRASE)), policy(), PHRASE))).toMatchObject({
      status: 'approved',
      signatures: ['ana'],
    });
  });
});

describe('where the phrase comes from', () => {
  const digest = 'ab12cd34'.repeat(8);
  const of = (under: ReturnType<typeof policy>, phrase: string | undefined, action = 'refund') =>
    phraseOf(under, { phrase }, action, digest);
  it.each<[string, string | undefined, string | undefined]>([
    ['the policy has one: that', of(verify(PHRASE), 'POST example.com'), PHRASE],
    ["then the action's: verb and target", of(verify(), 'POST example.com'), 'POST example.com'],
    ["else the action's name and the beginning of the digest", of(verify(), undefined), 'REFUND ab12cd34'],
    ['an action name that is too long to be typed', of(verify(), undefined, 'x'.repeat(72)), 'RUN ab12cd34'],
    [
      'an action name just short enough',
      of(verify(), undefined, 'x'.repeat(71)),
      `${'X'.repeat(71)} ab12cd34`,
    ],
    [
      "an action's phrase that only looks like ASCII is none",
      of(verify(), 'DELETE ordеrs'),
      'REFUND ab12cd34',
    ],
    ["an action's phrase with a space at its end is none", of(verify(), 'DELETE orders '), 'REFUND ab12cd34'],
    ['CONFIRM has none', of(policy(), 'POST example.com'), undefined],
  ])('%s', (_, phrase, expected) => {
    expect(phrase).toBe(expected);
  });

  it.each<[string, string | undefined]>([
    ['Delete resource orders-eu', 'DELETE orders-eu'],
    ['  Delete\n orders-eu  ', 'DELETE orders-eu'],
    ['Delete', undefined],
    ['', undefined],
    ['Delete ordеrs', undefined],
    ['Löschen orders', undefined],
    [`Delete ${'x'.repeat(73)}`, `DELETE ${'x'.repeat(73)}`],
    [`Delete ${'x'.repeat(74)}`, undefined],
  ])('of the question %j', (text, phrase) => {
    expect(phraseOfWords(text)).toBe(phrase);
  });

  it.each<[string, string, string | undefined]>([
    ['delete', 'orders-eu', 'DELETE orders-eu'],
    ['', 'orders', 'orders'],
    ['drop', '', 'DROP'],
    ['', '', undefined],
    ['drop', 'ｏrders', undefined],
  ])('of the verb %j and the target %j', (verb, target, phrase) => {
    expect(verbAndTarget(verb, target)).toBe(phrase);
  });

  it('whatever the words, what has to be typed is printable ASCII, or there is none', () => {
    const words = [
      'delete',
      'löschen',
      'ﬁle',
      'ſet',
      'ıd',
      'ordеrs',
      '\u00a0',
      '\u200b',
      '😀',
      'K',
      'ß',
      '𝐃',
      'a\nb',
      '\u001b[2J',
    ];
    const made = words.flatMap((verb) =>
      words.flatMap((target) => [
        verbAndTarget(verb, target),
        phraseOfWords(`${verb} ${target}`),
        phraseOf(verify(), { phrase: `${verb} ${target}` }, 'refund', digest),
      ]),
    );
    expect(made.filter((phrase) => phrase !== undefined && !/^[\x20-\x7e]{1,80}$/.test(phrase))).toEqual([]);
    expect(made.filter((phrase) => phrase !== undefined).length).toBeGreaterThan(200);
  });

  it('a policy with a phrase that is not ASCII is no policy', () => {
    expect(
      ['ordеrs', 'a\u00a0b', ' a', 'a ', '', 'x'.repeat(201)].map((text) => Phrase.safeParse(text).success),
    ).toEqual(Array.from({ length: 6 }, () => false));
    expect(['a', 'a b', 'x'.repeat(200)].map((text) => Phrase.safeParse(text).success)).toEqual([
      true,
      true,
      true,
    ]);
  });
});

/** Letters that pass for others: Cyrillic, Greek, Armenian, small capitals, full width, mathematics, and more. */
const DOUBLES: Readonly<Record<string, string>> = {
  a: 'аɑαａ𝐚ᴀ',
  b: 'ЬƄｂ',
  c: 'сϲｃⅽ',
  d: 'ԁｄⅾ𝐝',
  e: 'еҽｅℯ',
  f: 'ｆſ',
  g: 'ɡｇ',
  h: 'һｈ',
  i: 'іıｉⅰ',
  k: 'кｋ',
  l: 'ⅼӏｌ1I',
  m: 'ｍⅿ',
  n: 'ｎո',
  o: 'оοօｏ0',
  p: 'рρｐ',
  q: 'ԛｑ',
  r: 'ｒг',
  s: 'ѕｓ',
  t: 'ｔτ',
  u: 'ｕυս',
  v: 'ѵνｖⅴ',
  w: 'ԝｗ',
  x: 'хⅹｘ',
  y: 'уｙγ',
  z: 'ｚ',
  A: 'АΑＡ',
  B: 'ВΒＢ',
  C: 'СϹＣ',
  D: 'ＤᎠ',
  E: 'ЕΕＥᎬ',
  F: 'ＦϜ',
  G: 'ＧԌ',
  H: 'НΗＨ',
  I: 'ІΙＩl',
  K: 'КΚＫ\u212a',
  L: 'ＬᏞⅬ',
  M: 'МΜＭ',
  N: 'ΝＮ',
  O: 'ОΟＯ0',
  P: 'РΡＰ',
  R: 'ＲᎡ',
  S: 'ЅＳ',
  T: 'ТΤＴ',
  U: 'ＵՍ',
  V: 'ѴＶⅤ',
  X: 'ХΧＸ',
  Y: 'ΥҮＹ',
  Z: 'ΖＺ',
  '0': 'Oо０',
  '1': 'lI１',
  '4': 'Ꮞ４',
  '7': '７',
  '-': '‐‑–—−－',
  _: '＿',
  '.': '․．',
  '/': '⁄∕／',
  ' ': '\u00a0\u2002\u2003\u2009\u202f\u3000\t',
};
const UNSEEN = [
  '\u200b',
  '\u200c',
  '\u200d',
  '\u2060',
  '\ufeff',
  '\u00ad',
  '\u202e',
  '\u034f',
  '\u0301',
  '\u0336',
  '\ufe0f',
  '\u{e0020}',
];

function lookAlikes(phrase: string): string[] {
  const letters = [...phrase];
  const put = (at: number, text: string) =>
    [...letters.slice(0, at), text, ...letters.slice(at + 1)].join('');
  const wide = letters.map((one) =>
    one === ' ' ? '\u3000' : String.fromCodePoint(one.charCodeAt(0) + 0xfee0),
  );
  return [
    ...letters.flatMap((letter, at) => [...(DOUBLES[letter] ?? '')].map((double) => put(at, double))),
    ...letters.flatMap((letter, at) => UNSEEN.map((unseen) => put(at, letter + unseen))),
    ...letters.map((letter, at) =>
      put(at, letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()),
    ),
    ...UNSEEN.map((unseen) => unseen + phrase),
    ` ${phrase}`,
    `${phrase} `,
    `${phrase}\n`,
    `${phrase}\0`,
    `"${phrase}"`,
    `${phrase}.`,
    phrase.replace(' ', '  '),
    phrase.replace(' ', ''),
    phrase.toLowerCase(),
    phrase.toUpperCase(),
    letters.toString(),
    letters.reverse().join(''),
    wide.join(''),
    phrase.slice(0, -1),
    phrase.slice(1),
    phrase.replace(' ', '%20'),
    phrase.replace(' ', '+'),
    phrase.repeat(2),
    '',
    ' ',
    '*',
    'yes',
  ].filter((text) => text !== phrase);
}

describe('500 look-alikes, and more', () => {
  const phrases = [PHRASE, 'RUN ab12cd34', 'POST api.example.com', 'DROP orders_7'];

  it.each(phrases)('of %s: every one is another text, none is accepted', (phrase) => {
    const gate = open(verify(phrase));
    const all = [...new Set(lookAlikes(phrase))];
    const accepted = all.filter(
      (text) => play(gate, [approve('ana', { phrase: text })]).answers[0] !== 'PHRASE_MISMATCH',
    );
    expect(accepted).toEqual([]);
    expect(play(gate, [approve('ana', { phrase })]).answers).toEqual(['admitted']);
  });

  it('all of them are distinct, and some are the phrase itself once they are normalised, which is why nothing is', () => {
    const all = phrases.flatMap((phrase) =>
      [...new Set(lookAlikes(phrase))].map((text) => `${phrase}: ${text}`),
    );
    expect(new Set(all).size).toBe(all.length);
    expect(all.length).toBeGreaterThanOrEqual(500);
    const alike = phrases.flatMap((phrase) =>
      lookAlikes(phrase).filter((text) => text.normalize('NFKC') === phrase),
    );
    expect(alike.length).toBeGreaterThan(80);
  });

  it('nor is one accepted with an edit, or under any name', () => {
    const gate = openAmong(verify(PHRASE));
    const all = lookAlikes(PHRASE).slice(0, 60);
    expect(
      all.filter(
        (phrase) =>
          admit(gate, edit('ana', 1, { phrase })(gate, 1).decision, OPENED)?.code !== 'PHRASE_MISMATCH',
      ),
    ).toEqual([]);
    expect(gate.proposal.args).toEqual(ARGS);
  });
});
