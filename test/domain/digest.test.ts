/** One digest in every language: the vectors of RFC 8785, and hashes computed by another implementation. */
import { createHash } from 'node:crypto';
import { canonical, digestOf, effectKey, sha256Hex } from '../../src/domain/digest';
import { DEADLINE, ROOT } from './given';

const node = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex');

function double(hex: string): number {
  return Buffer.from(hex, 'hex').readDoubleBE();
}

describe('RFC 8785', () => {
  it.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['ffefffffffffffff', '-1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['44b52d02c7e14af7', '1.0000000000000001e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555554', '333333333.33333325'],
    ['41b3de4355555555', '333333333.3333333'],
    ['41b3de4355555556', '333333333.3333334'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ])('appendix B: the number %s is %s', (hex, text) => {
    expect(canonical(double(hex))).toBe(text);
  });

  it('section 3.2.2: numbers, strings and literals', () => {
    const value: unknown = JSON.parse(String.raw`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }`);
    expect(canonical(value)).toBe(
      String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    );
  });

  it('section 3.2.3: keys by UTF-16 code units, not by code points', () => {
    const value: unknown = JSON.parse(String.raw`{
      "\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
      "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis"
    }`);
    expect(Object.values(JSON.parse(canonical(value).replace(/"1":/, '"one":')) as object)).toEqual([
      'Carriage Return',
      'One',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ]);
  });

  it.each<[string, unknown, string]>([
    ['keys sort at every level', { b: [{ d: 1, c: 2 }], a: {} }, '{"a":{},"b":[{"c":2,"d":1}]}'],
    ['numeric keys sort as text', { 10: 1, 9: 2, 1: 3 }, '{"1":3,"10":1,"9":2}'],
    ['capitals come first', { a: 1, B: 2 }, '{"B":2,"a":1}'],
    ['a list keeps its order', [3, 1, 2], '[3,1,2]'],
    ['text is not normalised: composed', 'é', '"é"'],
    ['text is not normalised: decomposed', 'e\u0301', '"e\u0301"'],
    [
      'control characters are escaped, in lower case',
      '\b\t\n\f\r\u001f\u007f',
      '"\\b\\t\\n\\f\\r\\u001f\u007f"',
    ],
    ['a slash and a line separator are not', '/\u2028', '"/\u2028"'],
    ['what is undefined is not there', { a: undefined, b: 1 }, '{"b":1}'],
    ['empty ones', [{}, [], ''], '[{},[],""]'],
  ])('%s', (_, value, text) => {
    expect(canonical(value)).toBe(text);
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['NaN', Number.NaN],
    ['infinity', { a: Infinity }],
    ['a function', () => 1],
    ['a symbol', Symbol('x')],
  ])('%s has no canonical form', (_, value) => {
    expect(() => canonical(value)).toThrow();
  });

  it('and says so', () => {
    expect(() => canonical(undefined)).toThrow(new TypeError('only JSON has a canonical form'));
  });
});

describe('sha256Hex', () => {
  it.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    ['Grüße, 世界 😀', node('Grüße, 世界 😀')],
    ['x'.repeat(100_000), node('x'.repeat(100_000))],
  ])('is the SHA-256 of the UTF-8 text %#', (text, hash) => {
    expect(sha256Hex(text)).toBe(hash);
  });
});

const QUESTION = {
  ...ROOT,
  gate: 'main',
  revision: 1,
  action: 'refund',
  args: { order: 'A-4711', amount: 40 },
};

describe('digestOf', () => {
  it('is the SHA-256 of the question as another language would write it', () => {
    expect(digestOf(QUESTION)).toBe(
      node(
        '{"action":"refund","args":{"amount":40,"order":"A-4711"},"firstRunId":"run-1","gate":"main","revision":1,"workflowId":"refund-4711"}',
      ),
    );
  });

  it('hashes the six fields and nothing that is passed along with them', () => {
    expect(digestOf({ ...QUESTION, title: 'x', attempt: 3 } as typeof QUESTION)).toBe(digestOf(QUESTION));
  });

  it('is 64 lower-case hex characters', () => {
    expect(digestOf(QUESTION)).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each<[string, Partial<typeof QUESTION>]>([
    ['a field moved into its neighbour', { workflowId: 'refund-4711r', gate: 'ain' }],
    ['a composed letter decomposed', { action: 'refu\u0301nd' }],
    ['a number told as text', { args: { order: 'A-4711', amount: '40' as unknown as number } }],
  ])('%s is another question', (_, change) => {
    expect(digestOf({ ...QUESTION, ...change })).not.toBe(digestOf(QUESTION));
  });
});

describe('effectKey', () => {
  const key = effectKey(ROOT, 'main', digestOf(QUESTION));

  it('is stable: the target has stored it, so that no version may compute another', () => {
    expect({ digest: digestOf(QUESTION), key }).toEqual({
      digest: '6d7becf01fc462f326b83149b864113b184956e7b8190b0558169df0826cfdd5',
      key: 'f54f94f35f72364be7a9ac93e54b324c0b631db200389debaa559f0786794364',
    });
    expect(key).toBe(node(`["refund-4711","run-1","main","${digestOf(QUESTION)}"]`));
  });

  it('knows no attempt, no clock and no run but the first (agent-framework 6851: an approved tool re-ran)', () => {
    const later = { ...ROOT, runId: 'run-9', attempt: 4, at: DEADLINE };
    expect(effectKey(later, 'main', digestOf(QUESTION))).toBe(key);
  });

  it.each([
    ['workflow', effectKey({ ...ROOT, workflowId: 'other' }, 'main', digestOf(QUESTION))],
    ['first run', effectKey({ ...ROOT, firstRunId: 'run-2' }, 'main', digestOf(QUESTION))],
    ['gate', effectKey(ROOT, 'undo', digestOf(QUESTION))],
    ['digest', effectKey(ROOT, 'main', digestOf({ ...QUESTION, revision: 2 }))],
  ])('another %s is another effect', (_, other) => {
    expect(other).not.toBe(key);
  });
});
