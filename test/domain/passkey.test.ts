/** A passkey among a reviewer's keys and an assertion on the wire: what fits, and that each thing that does not is named. */
import { signCountRegressed, PasskeyEntry, PasskeyFields, PasskeyValue } from '../../src/domain/passkey';

const ENTRY = {
  id: 'phone',
  kind: 'passkey',
  credential: 'A'.repeat(22),
  spki: 'AAAA',
  alg: -7,
  rpId: 'example.com',
  origins: ['https://approve.example.com'],
  backupEligible: true,
};

function complaints(entry: unknown): string[] {
  const { error } = PasskeyEntry.safeParse(entry);
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')} ${message}`.trim());
}

it.each([
  { said: 'as it is', change: {} },
  {
    said: 'with its times',
    change: { from: '2026-01-01T00:00:00Z', until: '2027-01-01T00:00:00Z', revoked: '2026-06-01T00:00:00Z' },
  },
  { said: 'RSA', change: { alg: -257 } },
  { said: 'Ed25519', change: { alg: -8 } },
  { said: 'not synced', change: { backupEligible: false } },
  { said: 'the longest credential', change: { credential: 'A'.repeat(1_364) } },
  { said: 'the host is the rpId', change: { origins: ['https://example.com'] } },
  { said: 'a port', change: { origins: ['https://example.com:8443'] } },
  {
    said: 'localhost',
    change: {
      rpId: 'localhost',
      origins: ['http://localhost', 'http://localhost:8233', 'https://localhost'],
    },
  },
  {
    said: 'the port that is the default of the other',
    change: { rpId: 'localhost', origins: ['http://localhost:443', 'https://localhost:80'] },
  },
  { said: 'Punycode', change: { rpId: 'xn--bcher-kva.example', origins: ['https://xn--bcher-kva.example'] } },
])('an entry: $said', ({ change }) => {
  expect(complaints({ ...ENTRY, ...change })).toEqual([]);
});

const URL = 'must be base64url without padding, of 16 to 1023 bytes';
const SPKI = 'must be base64 with padding, of 1 to 1200 bytes';
const ORIGIN =
  'must be an origin as browsers write it: https://, a lower-case host, no default port, no path';
const RP_ID = 'must be a domain in lower case, or localhost';

it.each([
  ['15 bytes', { credential: 'A'.repeat(20) }, [`credential ${URL}`]],
  ['1024 bytes', { credential: 'A'.repeat(1_366) }, [`credential ${URL}`]],
  ['padding', { credential: `${'A'.repeat(22)}==` }, [`credential ${URL}`]],
  ['bits that are not used', { credential: `${'A'.repeat(21)}B` }, [`credential ${URL}`]],
  ['a length that base64 does not have', { credential: 'A'.repeat(25) }, [`credential ${URL}`]],
  ['a newline', { credential: `${'A'.repeat(22)}\n` }, [`credential ${URL}`]],
  ['base64url', { spki: 'AA-_' }, [`spki ${SPKI}`]],
  ['no padding', { spki: 'AAA' }, [`spki ${SPKI}`]],
  ['bits that are not used', { spki: 'AB==' }, [`spki ${SPKI}`]],
  ['a domain in upper case', { rpId: 'Example.com' }, [`rpId ${RP_ID}`, expect.anything()]],
  [
    'a domain that ends in a number',
    { rpId: 'a.1', origins: ['https://a.1'] },
    [`rpId ${RP_ID}`, `origins.0 ${ORIGIN}`],
  ],
  ['a label of 64 characters', { rpId: `${'a'.repeat(64)}.com` }, [`rpId ${RP_ID}`, expect.anything()]],
  ['a label that ends in a hyphen', { rpId: 'a-.com' }, [`rpId ${RP_ID}`, expect.anything()]],
  ['an underscore', { rpId: 'a_b.com' }, [`rpId ${RP_ID}`, expect.anything()]],
  ['a path', { origins: ['https://example.com/'] }, [`origins.0 ${ORIGIN}`]],
  ['upper case', { origins: ['https://Example.com'] }, [`origins.0 ${ORIGIN}`]],
  [
    'http',
    { origins: ['http://example.com'] },
    ['origins.0 http is for localhost alone; elsewhere it is https'],
  ],
  [
    'http below localhost',
    { rpId: 'localhost', origins: ['http://a.localhost'] },
    ['origins.0 http is for localhost alone; elsewhere it is https'],
  ],
  [
    'the default port',
    { origins: ['https://example.com:443'] },
    ['origins.0 a browser leaves the default port out'],
  ],
  [
    'the default port of http',
    { rpId: 'localhost', origins: ['http://localhost:80'] },
    ['origins.0 a browser leaves the default port out'],
  ],
  ['a port that is none', { origins: ['https://example.com:65536'] }, ['origins.0 there is no such port']],
  [
    'another site',
    { origins: ['https://example.com', 'https://evil.example'] },
    ['origins.1 its host is neither example.com nor below it'],
  ],
  [
    'another site that ends alike',
    { origins: ['https://evilexample.com'] },
    ['origins.0 its host is neither example.com nor below it'],
  ],
  [
    'a site above',
    { rpId: 'a.example.com', origins: ['https://example.com'] },
    ['origins.0 its host is neither a.example.com nor below it'],
  ],
])('an entry: %s is named', (_, change, named) => {
  expect(complaints({ ...ENTRY, ...change })).toEqual(named);
});

it('an entry needs each of its fields, and has no others', () => {
  for (const field of Object.keys(ENTRY)) {
    const without = Object.fromEntries(Object.entries(ENTRY).filter(([name]) => name !== field));
    expect(complaints(without)).toEqual([expect.stringMatching(new RegExp(`^${field} `))]);
  }
  expect(complaints({ ...ENTRY, public: 'x' })).toEqual(['Unrecognized key: "public"']);
  expect(complaints({ ...ENTRY, origins: [] })).toHaveLength(1);
});

it('an assertion has its two fields, and no others', () => {
  const fields = { authenticatorData: 'AAAA', clientDataJSON: 'AAAA' };
  expect(PasskeyFields.safeParse(fields).success).toBe(true);
  for (const change of [
    { authenticatorData: undefined },
    { clientDataJSON: undefined },
    { authenticatorData: '' },
    { authenticatorData: 'AA==' },
    { authenticatorData: 'A'.repeat(684) },
    { clientDataJSON: 'A'.repeat(4_100) },
    { clientDataJSON: 'AA+/' },
    { userHandle: 'AAAA' },
  ])
    expect({ change, success: PasskeyFields.safeParse({ ...fields, ...change }).success }).toEqual({
      change,
      success: false,
    });
});

it('a value is base64 with padding, up to 1026 bytes', () => {
  const fits = (bytes: number) => PasskeyValue.safeParse(Buffer.alloc(bytes).toString('base64')).success;
  expect([1, 64, 70, 71, 72, 256, 1_026].map(fits)).not.toContain(false);
  expect([0, 1_027].map(fits)).toEqual([false, false]);
  for (const text of ['AAA', 'AA=', 'AB==', 'AAB=', 'AA-_', 'AAAA=', ' AAAA', 'AAAA\n'])
    expect({ text, success: PasskeyValue.safeParse(text).success }).toEqual({ text, success: false });
});

it.each([
  [0, 0, false],
  [0, 1, false],
  [1, 2, false],
  [1, 1, true],
  [2, 1, true],
  [1, 0, true],
])('a counter of %d and then of %d: counts back %s', (before, now, back) => {
  expect(signCountRegressed(before, now)).toBe(back);
});
