/** A passkey's assertion is good for one text, one place and one key, as it was made; any single change makes it none. */
import fc from 'fast-check';
import type { PasskeyAssertion, PasskeyEntry } from '../../src/domain/passkey';
import { challengeOf, passkeyFacts, passkeyFault } from '../../src/providers/reviewers/passkey';
import { spkiFault } from '../../src/providers/reviewers/passkey-key';
import {
  ALGS,
  assertionOf,
  BE,
  BS,
  challengeFor,
  clientData,
  NAMES,
  testPasskey,
  UP,
  UV,
} from '../support/passkey';
import { madeVectors, ruleOf, RULES, TEXT, type Vector } from '../support/passkey-vectors';
import { integer, sequence, tagged } from '../support/passkey-vectors/der';
import { shippedVectors } from '../support/passkey-vectors/file';

const VECTORS = shippedVectors();
const expected = ({ name, breaks }: Vector) => `${name}: ${breaks ?? 'holds'}`;
const judged = ({ name, entry, text, assertion }: Vector) =>
  `${name}: ${ruleOf(passkeyFault(entry, text, assertion)) ?? 'holds'}`;

describe('the vectors that ship', () => {
  it.each(['holds', ...RULES.map(([rule]) => rule)])('%s', (rule) => {
    const vectors = VECTORS.filter(({ breaks }) => (breaks ?? 'holds') === rule);
    expect(vectors.length).toBeGreaterThan(0);
    expect(vectors.map(judged)).toEqual(vectors.map(expected));
  });

  it('say what stands beside the signature, where it holds', () => {
    const holding = VECTORS.filter(({ holds }) => holds);
    expect(holding.map(({ assertion }) => passkeyFacts(assertion))).toEqual(
      holding.map(({ facts }) => facts),
    );
  });

  it('are what scripts/passkey-vectors.ts makes, which is judged alike with other keys', () => {
    const made = madeVectors();
    expect(VECTORS.map(expected)).toEqual(made.map(expected));
    expect(made.map(judged)).toEqual(made.map(expected));
    expect(new Set(made.map(({ name }) => name)).size).toBe(made.length);
    for (const { holds, breaks } of VECTORS) expect(holds).toBe(breaks === undefined);
  });

  it('hold under their own entries alone', () => {
    const holding = VECTORS.filter(({ holds }) => holds);
    const strange = (vector: Vector) => holding.filter(({ entry }) => entry.spki !== vector.entry.spki);
    const taken = holding.flatMap((vector) =>
      strange(vector).filter(({ entry }) => passkeyFault(entry, vector.text, vector.assertion) === undefined),
    );
    expect(taken).toEqual([]);
  });
});

describe.each(ALGS.map((alg) => ({ name: NAMES[alg], key: testPasskey(alg) })))('$name', ({ key }) => {
  const { entry } = key;
  const good = assertionOf(key, TEXT, { more: ',"crossOrigin":false' });
  const bytesOf = (part: keyof PasskeyAssertion) =>
    Buffer.from(good[part], part === 'value' ? 'base64' : 'base64url');
  const withBytes = (part: keyof PasskeyAssertion, bytes: Buffer): PasskeyAssertion => ({
    ...good,
    [part]: bytes.toString(part === 'value' ? 'base64' : 'base64url'),
  });
  const PARTS = ['authenticatorData', 'clientDataJSON', 'value'] as const;

  it('holds as it was made, also within a signature that has more fields', () => {
    expect(passkeyFault(entry, TEXT, good)).toBeUndefined();
    const onTheWire = { ...good, key: 'k1', issued: '2026-03-02T09:00:00.000Z' };
    expect(passkeyFault(entry, TEXT, onTheWire)).toBeUndefined();
    expect(spkiFault(entry)).toBeUndefined();
  });

  it.each(PARTS)('any one bit of %s changed is refused', (part) => {
    const bytes = bytesOf(part);
    expect(passkeyFault(entry, TEXT, withBytes(part, bytes))).toBeUndefined();
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect({ bit, fault: passkeyFault(entry, TEXT, withBytes(part, changed)) }).not.toEqual({ bit });
    }
  });

  it.each(PARTS)('any byte of %s put in place of another, put in or left out is refused', (part) => {
    const bytes = bytesOf(part);
    const change = fc.record({
      at: fc.nat(bytes.length - 1),
      byte: fc.nat(255),
      how: fc.constantFrom('replaced', 'put in', 'left out'),
    });
    fc.assert(
      fc.property(change, ({ at, byte, how }) => {
        const rest = bytes.subarray(how === 'put in' ? at : at + 1);
        const changed = [bytes.subarray(0, at), Buffer.from(how === 'left out' ? [] : [byte]), rest];
        const whole = Buffer.concat(changed);
        fc.pre(!whole.equals(bytes));
        expect(passkeyFault(entry, TEXT, withBytes(part, whole))).toEqual(expect.any(String));
      }),
      { numRuns: 1_000 },
    );
  });

  it('any one character of the text changed is refused', () => {
    for (let at = 0; at <= TEXT.length; at++)
      for (const one of ['', 'é', '\ud800', TEXT[at] === ' ' ? '\t' : ' ']) {
        const text = `${TEXT.slice(0, at)}${one}${TEXT.slice(at + 1)}`;
        if (text !== TEXT) expect({ at, fault: passkeyFault(entry, text, good) }).not.toEqual({ at });
      }
  });

  it('a bit of the public key changed is refused, wherever it is', () => {
    const spki = Buffer.from(entry.spki, 'base64');
    for (let bit = 0; bit < spki.length * 8; bit += 7) {
      const changed = Buffer.from(spki);
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      const other = { ...entry, spki: changed.toString('base64') };
      expect({ bit, fault: passkeyFault(other, TEXT, good) }).not.toEqual({ bit });
    }
  });
});

describe('what is no assertion at all', () => {
  const key = testPasskey(-7);
  const good = assertionOf(key, TEXT);

  it('is refused, and never throws', () => {
    const judge = (entry: unknown, text: unknown, assertion: unknown) =>
      passkeyFault(entry as PasskeyEntry, text as string, assertion as PasskeyAssertion);
    fc.assert(
      fc.property(fc.anything(), (any) => {
        expect(judge(any, TEXT, good)).toEqual(expect.any(String));
        expect(judge(key.entry, any, good)).toEqual(expect.any(String));
        expect(judge(key.entry, TEXT, any)).toEqual(expect.any(String));
      }),
      { numRuns: 1_000 },
    );
    for (const part of ['authenticatorData', 'clientDataJSON', 'value'] as const) {
      const { [part]: _, ...without } = good;
      expect(judge(key.entry, TEXT, without)).toMatch(new RegExp(`^the assertion: ${part} `));
    }
  });

  it('every field of the entry counts', () => {
    const { entry } = key;
    for (const field of ['kind', 'credential', 'spki', 'alg', 'rpId', 'origins', 'backupEligible'] as const) {
      const { [field]: _, ...without } = entry;
      expect(passkeyFault(without as PasskeyEntry, TEXT, good)).toMatch(new RegExp(`^the entry: ${field} `));
    }
    const changes: Partial<PasskeyEntry>[] = [
      { alg: -8 },
      { rpId: 'approve.example.com' },
      { origins: ['https://example.com'] },
      { backupEligible: true },
      { spki: testPasskey(-7).entry.spki },
    ];
    for (const change of changes)
      expect({ change, fault: passkeyFault({ ...entry, ...change }, TEXT, good) }).not.toEqual({ change });
  });
});

describe('what is told of one that holds', () => {
  it('the counter and the flags, and whether the key is synced', () => {
    const key = testPasskey(-8, { backupEligible: true });
    const assertion = assertionOf(key, TEXT, { flags: UP | UV | BE | BS, signCount: 4_000_000_000 });
    expect(passkeyFault(key.entry, TEXT, assertion)).toBeUndefined();
    expect(passkeyFacts(assertion)).toEqual({
      signCount: 4_000_000_000,
      flags: 0x1d,
      backupEligible: true,
      backedUp: true,
    });
    expect(passkeyFacts(assertionOf(key, TEXT, { signCount: 0 }))).toMatchObject({
      signCount: 0,
      backedUp: false,
    });
  });

  it('the challenge is SHA-256 of the UTF-8, in base64url', () => {
    expect(challengeOf('abc')).toBe('ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0');
    expect(challengeOf('ü')).toBe(challengeFor('ü'));
  });
});

describe('a key as a directory is loaded', () => {
  const rsa = (modulus: bigint) => {
    const numbers = sequence(integer(modulus), integer(65_537n));
    const algorithm = Buffer.from('300d06092a864886f70d0101010500', 'hex');
    const spki = sequence(algorithm, tagged(0x03, Buffer.concat([Buffer.alloc(1), numbers])));
    return spkiFault({ alg: -257, spki: spki.toString('base64') });
  };

  it('fits its alg, or what is wrong is said', () => {
    for (const { entry, breaks } of VECTORS)
      if (breaks !== 'entry' && breaks !== 'encoding')
        expect(ruleOf(spkiFault(entry))).toBe(breaks === 'key' ? 'key' : undefined);
    expect(spkiFault({ alg: -7, spki: '' })).toMatch(/^the public key /);
  });

  it.each([
    {
      said: 'of 2047 bits',
      bits: 2_047,
      fault: "the public key's modulus has 2047 bits; it needs 2048 to 8192",
    },
    { said: 'of 2048 bits', bits: 2_048, fault: undefined },
    { said: 'of 8192 bits', bits: 8_192, fault: undefined },
    {
      said: 'of 8193 bits',
      bits: 8_193,
      fault: "the public key's modulus has 8193 bits; it needs 2048 to 8192",
    },
  ])('an RSA modulus $said', ({ bits, fault }) => {
    expect(rsa(2n ** BigInt(bits - 1) + 1n)).toBe(fault);
  });

  it('is judged again under another alg, though it is known', () => {
    const { spki } = testPasskey(-7).entry;
    expect([-7, -8, -7, -257].map((alg) => spkiFault({ alg: alg as -7, spki }) === undefined)).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });
});

it('a text that begins clientDataJSON as it has to, and another challenge after it, is refused', () => {
  const key = testPasskey(-7);
  const inside = clientData(challengeFor('another'));
  expect(
    passkeyFault(key.entry, TEXT, assertionOf(key, TEXT, { more: `,"new":${JSON.stringify(inside)}` })),
  ).toBeUndefined();
  expect(
    passkeyFault(
      key.entry,
      TEXT,
      assertionOf(key, TEXT, { client: `${inside}${clientData(challengeFor(TEXT))}` }),
    ),
  ).toBe('the challenge is not SHA-256 of the text, followed by the origin');
});
