/** The objects on the wire, part by part: what fits, what does not, and that each thing that does not is named. */
import { Decision, parseDecision, problems, Receipt } from '../../src/domain/gate/decision';
import { guard, isUndecodable, kept, LIMITS, utf8Length } from '../../src/domain/json';
import { isId, Proposal } from '../../src/domain/proposal';
import { PublicKey } from '../../src/domain/reviewers';
import { DecisionSignature } from '../../src/domain/gate/signature';
import { proposal } from './given';
import { z } from 'zod';

const GOOD = { v: 1, id: 'd1', digest: 'a'.repeat(64), verdict: 'approve', reviewer: 'ana' };
const told = (change: object) => {
  const parsed = parseDecision({ ...GOOD, ...change });
  return parsed.ok ? '' : parsed.problem;
};
const ID = 'must be 1–200 printable ASCII characters';

describe('a decision', () => {
  it.each<[string, object]>([
    ['as short as it goes', {}],
    ['a comment of one character', { comment: 'x' }],
    ['a comment of 20,000', { comment: 'x'.repeat(20_000) }],
    ['an empty phrase, which is then another one', { phrase: '' }],
    ['a phrase of 200', { phrase: 'x'.repeat(200) }],
    ['args of any names', { args: { constructor: 1, toString: null } }],
    ['an answer that is null', { answer: null }],
    ['an instant with milliseconds, and one without', { until: '2026-03-03T09:00:00Z' }],
  ])('%s', (_, change) => {
    expect(parseDecision({ ...GOOD, ...change })).toEqual({ ok: true, decision: { ...GOOD, ...change } });
  });

  it.each<[string, object, string]>([
    [
      'a digest with something before it',
      { digest: `x${'a'.repeat(64)}` },
      'digest: must be 64 lower-case hex characters',
    ],
    [
      'a digest with something behind it',
      { digest: `${'a'.repeat(64)}b` },
      'digest: must be 64 lower-case hex characters',
    ],
    ['a digest in capitals', { digest: 'A'.repeat(64) }, 'digest: must be 64 lower-case hex characters'],
    [
      'no comment in a comment',
      { comment: '' },
      'comment: Too small: expected string to have >=1 characters',
    ],
    [
      'a comment of 20,001',
      { comment: 'x'.repeat(20_001) },
      'comment: Too big: expected string to have <=20000 characters',
    ],
    [
      'a phrase of 201',
      { phrase: 'x'.repeat(201) },
      'phrase: Too big: expected string to have <=200 characters',
    ],
    ['a day for an instant', { until: '2026-03-03' }, 'until: Invalid ISO datetime'],
    ['an instant of another zone', { until: '2026-03-03T09:00:00+01:00' }, 'until: Invalid ISO datetime'],
    ['a delegate in Cyrillic', { to: 'аna' }, `to: ${ID}`],
    ['args that are a list', { args: [] }, 'args: expected record, received array'],
    ['an unknown key', { polcy: 1 }, 'polcy: unknown key'],
    ['two unknown keys', { a: 1, b: 2 }, 'a: unknown key; b: unknown key'],
    [
      'an unknown key in a signature',
      { signature: { x: 1 } },
      'signature.key: expected string, received undefined; signature.issued: expected string, received undefined; signature.expires: expected string, received undefined; signature.value: expected string, received undefined; signature.x: unknown key',
    ],
    [
      'too much of everything',
      { args: { text: 'x'.repeat(256 * 1024) } },
      'the payload is larger than 256 KiB',
    ],
  ])('%s is named', (_, change, problem) => {
    expect(told(change)).toBe(problem);
  });

  it('a problem is told in so many characters, and no more', () => {
    const many = Object.fromEntries(Array.from({ length: 400 }, (_, nth) => [`unknown-${String(nth)}`, 1]));
    expect(told(many)).toHaveLength(2_000);
  });

  it('a readable id is told with the problem; nothing is told of what has none', () => {
    expect(parseDecision({ ...GOOD, verdict: 'aprove' })).toMatchObject({ ok: false, id: 'd1' });
    for (const payload of [null, undefined, 7, [], { ...GOOD, id: ' ' }])
      expect(parseDecision(payload)).not.toHaveProperty('id');
    expect(parseDecision(undefined)).toEqual({
      ok: false,
      problem: 'the payload holds nothing, which is not JSON',
    });
  });

  it('the path of a problem is written as one writes it', () => {
    const { error } = z.safeParse(z.strictObject({ a: z.array(z.strictObject({ b: z.string() })) }), {
      a: [{ b: 1 }, { b: 'x', c: 1 }],
    });
    expect(problems(error!)).toBe('a[0].b: expected string, received number; a[1].c: unknown key');
    expect(problems(error!, 'policy')).toBe(
      'policy.a[0].b: expected string, received number; policy.a[1].c: unknown key',
    );
    const text = z.safeParse(
      z.string().refine(() => false, { error: 'told Invalid input: x' }),
      'x',
    );
    expect(problems(text.error!)).toBe('told Invalid input: x');
  });

  it('every verdict, and no other', () => {
    expect(Decision.shape.verdict.options).toEqual(
      'approve edit reject revise respond escalate delegate withdraw extend comment cancel'.split(' '),
    );
  });
});

describe('a receipt', () => {
  const receipt = { id: 'd1', status: 'admitted', gate: 'main', revision: 1 };
  it('has one of four statuses, and no other key', () => {
    const fits = (change: object) => Receipt.safeParse({ ...receipt, ...change }).success;
    expect(['admitted', 'refused', 'pending', 'unknown', 'sent'].map((status) => fits({ status }))).toEqual([
      true,
      true,
      true,
      true,
      false,
    ]);
    expect([
      fits({ code: 'X', message: 'y' }),
      fits({ sent: true }),
      fits({ revision: 1.5 }),
      fits({ gate: 1 }),
    ]).toEqual([true, false, false, false]);
  });
});

describe('a signature and a key are so many bytes in base64, and nothing besides', () => {
  const value = `${'A'.repeat(86)}==`;
  const at = '2026-03-02T09:00:00.000Z';
  const signed = (text: string) =>
    DecisionSignature.safeParse({ key: 'k', issued: at, expires: at, value: text });
  it.each<[string, string, boolean]>([
    ['64 bytes', value, true],
    ['with something before', `x${value}`, false],
    ['with something behind', `${value}x`, false],
    ['without its end', value.slice(0, -1), false],
    ['in base64url', `${'-'.repeat(86)}==`, false],
  ])('a signature of %s', (_, text, fits) => {
    expect(signed(text).success).toBe(fits);
    if (!fits)
      expect(problems(signed(text).error!)).toBe(
        'value: must be the 64 bytes of an Ed25519 signature in base64',
      );
  });

  it.each<[string, string, boolean]>([
    ['32 bytes', `${'A'.repeat(43)}=`, true],
    ['with something before', `x${'A'.repeat(43)}=`, false],
    ['with something behind', `${'A'.repeat(43)}=x`, false],
  ])('a key of %s', (_, text, fits) => {
    expect(PublicKey.safeParse(text).success).toBe(fits);
  });
});

describe('a proposal', () => {
  const evidence = { label: 'x', value: '' };
  const fits = (change: object) => Proposal.safeParse({ ...proposal(), ...change }).success;
  it.each<[string, object, boolean]>([
    ['a title of one character', { title: 'x' }, true],
    ['a title of 1,000', { title: 'x'.repeat(1_000) }, true],
    ['no title', { title: '' }, false],
    ['a title of 1,001', { title: 'x'.repeat(1_001) }, false],
    ['no rationale', { rationale: '' }, true],
    ['a rationale of 20,000', { rationale: 'x'.repeat(20_000) }, true],
    ['a rationale of 20,001', { rationale: 'x'.repeat(20_001) }, false],
    ['a confidence of 0, and of 1', { confidence: 1 }, true],
    ['less than none', { confidence: -0.1 }, false],
    ['more than all', { confidence: 1.1 }, false],
    ['100 pieces of evidence', { evidence: Array.from({ length: 100 }, () => evidence) }, true],
    ['101', { evidence: Array.from({ length: 101 }, () => evidence) }, false],
    ['evidence without a label', { evidence: [{ ...evidence, label: '' }] }, false],
    ['a label of 201', { evidence: [{ ...evidence, label: 'x'.repeat(201) }] }, false],
    [
      'a label of 200, a value of 20,000, a link of 2,000',
      { evidence: [{ label: 'x'.repeat(200), value: 'x'.repeat(20_000), href: 'x'.repeat(2_000) }] },
      true,
    ],
    ['a value of 20,001', { evidence: [{ ...evidence, value: 'x'.repeat(20_001) }] }, false],
    ['a link of 2,001', { evidence: [{ ...evidence, href: 'x'.repeat(2_001) }] }, false],
    ['an unknown key', { sensible: true }, false],
  ])('%s: %s fits is %s', (_, change, whether) => {
    expect(fits(change)).toBe(whether);
  });

  it('an id is 1–200 printable ASCII characters, with no space at an end', () => {
    const ids = ['a', 'a b', 'x'.repeat(200), '~', '!'];
    const none = ['', ' a', 'a ', 'x'.repeat(201), 'ä', 'a\n', '\u007f', 7, undefined];
    expect([ids.map(isId), none.map(isId)]).toEqual([ids.map(() => true), none.map(() => false)]);
  });
});

describe('the guard', () => {
  const wide = (count: number) => Array.from({ length: count }, () => 1);
  const nested = (depth: number): unknown => wide(depth).reduce<unknown>((inner) => [inner], 1);
  it.each<[string, unknown, string | undefined]>([
    ['eight levels', nested(8), undefined],
    ['nine levels', nested(9), 'the payload is nested more than 8 levels deep'],
    ['2,000 values', wide(1_999), undefined],
    ['2,001 values', wide(2_000), 'the payload has more than 2000 values'],
    ['more in one list', wide(2_001), 'the payload has more than 2000 values'],
    ['2,001 values in two lists', [wide(1_000), wide(999)], 'the payload has more than 2000 values'],
    ['256 KiB', 'x'.repeat(LIMITS.bytes), undefined],
    ['a byte more', 'x'.repeat(LIMITS.bytes + 1), 'the payload is larger than 256 KiB'],
    ['256 KiB in a key', { ['x'.repeat(LIMITS.bytes - 8)]: 1 }, undefined],
    ['a byte more in a key', { ['x'.repeat(LIMITS.bytes - 7)]: 1 }, 'the payload is larger than 256 KiB'],
    ['numbers, of eight bytes each', ['x'.repeat(LIMITS.bytes - 8), 1], undefined],
    ['numbers, a byte too much', ['x'.repeat(LIMITS.bytes - 7), 1], 'the payload is larger than 256 KiB'],
    ['a key named __proto__', JSON.parse('{"a":{"__proto__":1}}'), 'the payload has a key named __proto__'],
    ['half a pair', '\ud83d', 'the payload holds text that is not Unicode: a lone surrogate'],
    ['half a pair in a key', { '\ud83d': 1 }, 'the payload holds text that is not Unicode: a lone surrogate'],
    ['NaN', Number.NaN, 'the payload holds a number that JSON has no form for'],
    ['nothing', undefined, 'the payload holds nothing, which is not JSON'],
    ['a function', () => 1, 'the payload holds a function, which is not JSON'],
    ['true, and null', [true, null], undefined],
    [
      'bytes that did not decode',
      { __undecodable: true, encoding: `a\u0007${'x'.repeat(70)}`, bytes: 1 },
      `the payload does not decode (encoding a?${'x'.repeat(58)})`,
    ],
    ['bytes without an encoding', { __undecodable: true }, 'the payload does not decode (encoding unknown)'],
  ])('%s', (_, value, unfit) => {
    expect(guard(value)).toBe(unfit);
  });

  it('tells what did not decode from what only looks like it', () => {
    expect(
      [
        { __undecodable: true },
        { undecodable: true },
        null,
        '__undecodable',
        Object.create({ __undecodable: true }),
      ].map(isUndecodable),
    ).toEqual([true, false, false, false, false]);
  });

  it('counts the bytes of UTF-8', () => {
    const text = ['a', '\u007f', '\u0080', '\u07ff', '\u0800', '\uffff', '\u{10000}', 'aé界😀'];
    expect(text.map(utf8Length)).toEqual(text.map((one) => Buffer.byteLength(one)));
  });

  it('what may be carried on is kept, or a note of what it was', () => {
    expect([kept(undefined), kept({ a: 1 }), kept(1n)]).toEqual([
      null,
      { a: 1 },
      { notKept: 'the payload holds a bigint, which is not JSON' },
    ]);
  });
});
