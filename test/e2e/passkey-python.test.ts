/**
 * examples/verifier/passkey.py judges as we do: each vector for the same reason, and whatever else comes by chance with the same verdict.
 * Two implementations that share no code are wrong together only where the rule is.
 */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { passkeyFault } from '../../src/providers/reviewers/passkey';
import { ROOT, run, temporaryDirectory } from '../support/app';
import { assertionOf, authenticatorData, testPasskey, RP_ID } from '../support/passkey';
import { ruleOf, TEXT, type Vector } from '../support/passkey-vectors';
import { FILE, shippedVectors } from '../support/passkey-vectors/file';
import { python } from '../support/python';

jest.setTimeout(600_000); // the first time, the packages are fetched

type Judged = Pick<Vector, 'entry' | 'text' | 'assertion'>;

const FOLDER = path.join(ROOT, 'examples', 'verifier');
const SCRIPT = `
import json, sys
sys.path.insert(0, sys.argv[1])
from passkey import passkey_fault
for line in sys.stdin:
    vector = json.loads(line)
    print(json.dumps(passkey_fault(vector["entry"], vector["text"], vector["assertion"])))
`;
const ENV = { ...process.env, PYTHONDONTWRITEBYTECODE: '1', PYTHONUTF8: '1' };
let interpreter: string;

beforeAll(async () => {
  interpreter = await python();
});

/** What Python finds, each in turn. */
function faults(vectors: readonly Judged[]): Promise<(string | undefined)[]> {
  const child = spawn(interpreter, ['-c', SCRIPT, FOLDER], { env: ENV, stdio: ['pipe', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (err += chunk));
  const lines = vectors.map(({ entry, text, assertion }) => JSON.stringify({ entry, text, assertion }));
  child.stdin.end(lines.map((line) => `${line}\n`).join(''));
  return new Promise((resolve, reject) => {
    child.once('error', reject).once('close', (code) => {
      const found = out
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as string | null) ?? undefined);
      if (code === 0 && found.length === vectors.length) resolve(found);
      else reject(new Error(err));
    });
  });
}

const ours = (vectors: readonly Judged[]) =>
  vectors.map(({ entry, text, assertion }) => passkeyFault(entry, text, assertion));

test('each vector that ships: the same verdict, for the same reason', async () => {
  const vectors = shippedVectors();
  const theirs = await faults(vectors);
  const told = (of: (string | undefined)[]) =>
    vectors.map(({ name }, nth) => `${name}: ${ruleOf(of[nth]) ?? 'holds'}`);
  expect(told(theirs)).toEqual(vectors.map(({ name, breaks }) => `${name}: ${breaks ?? 'holds'}`));
  expect(told(ours(vectors))).toEqual(told(theirs));
});

test('by itself it says how many it judged, as its README has it', async () => {
  const { code, out, err } = await run(interpreter, [path.join(FOLDER, 'passkey.py'), FILE], ENV);
  expect({ code, out, err }).toEqual({
    code: 0,
    out: `${shippedVectors().length} vectors: 0 judged otherwise\n`,
    err: '',
  });
  expect(readFileSync(path.join(FOLDER, 'README.md'), 'utf8')).toContain(`\n${out}`);
});

test('by itself it names what it judges otherwise', async () => {
  const folder = temporaryDirectory();
  const file = path.join(folder.path, 'changed.json');
  writeFileSync(file, readFileSync(FILE, 'utf8').replace('"holds":true', '"holds":false'));
  const { code, out } = await run(interpreter, [path.join(FOLDER, 'passkey.py'), file], ENV);
  folder.remove();
  const [{ name }] = shippedVectors() as [Vector];
  expect({ code, out }).toEqual({
    code: 1,
    out: `${name}: holds\n${shippedVectors().length} vectors: 1 judged otherwise\n`,
  });
});

const key = testPasskey(-7);
const space = fc.constantFrom('', '', '', ' ', '\n', '\t', '\r', '\f', '\u00a0', '\ufeff');
const name = fc.oneof(
  fc.constantFrom(
    'type',
    'challenge',
    'origin',
    'crossOrigin',
    'crossorigin',
    'topOrigin',
    '__proto__',
    '',
    'a',
    'b',
  ),
  fc.constantFrom(
    'cross\\u004frigin',
    'top\\u004Frigin',
    '\\u0061',
    '\\ud83d\\ude42',
    '🙂',
    '\\ud800',
    'a\\',
    '\\x61',
  ),
);
const { value } = fc.letrec<{ value: string; object: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom('false', 'true', 'null', '0', '"x"', '""', '"false"'),
    fc.constantFrom(
      '-0',
      '1e999',
      '-1E-5',
      '01',
      '1.',
      '.5',
      '+1',
      '0x1',
      'NaN',
      'Infinity',
      '-Infinity',
      '1_0',
      '١',
    ),
    fc.constantFrom(
      '"\\u12',
      '"\\u 123"',
      '"\\/"',
      "'x'",
      '"\u0001"',
      '"\u007f\u2028"',
      '9'.repeat(400),
      'False',
      'None',
      '',
    ),
    fc.array(tie('value'), { maxLength: 3 }).map((values) => `[${values.join(',')}]`),
    fc.integer({ min: 1, max: 12 }).map((deep) => '['.repeat(deep) + ']'.repeat(deep)),
    tie('object'),
  ),
  object: fc
    .array(fc.tuple(name, space, tie('value'), space), { maxLength: 3 })
    .map(
      (members) =>
        `{${members.map(([of, before, is, after]) => `"${of}"${before}:${after}${is}`).join(',')}}`,
    ),
}));
const members = fc
  .array(fc.tuple(space, name, space, space, value, space), { maxLength: 4 })
  .map((all) => all.map(([a, of, b, c, is, d]) => `,${a}"${of}"${b}:${c}${is}${d}`).join(''));

/** Signed well, whatever stands after the origin. */
const clients = members.map((more): Judged => ({
  entry: key.entry,
  text: TEXT,
  assertion: assertionOf(key, TEXT, { more }),
}));

const datas = fc
  .tuple(
    fc.oneof(fc.nat(255), fc.constantFrom(0x05, 0x0d, 0x1d)),
    fc.nat(2 ** 32 - 1),
    fc.constantFrom(0, 0, 0, 1, 14),
    fc.boolean(),
  )
  .map(([flags, signCount, more, backupEligible]): Judged => {
    const data = authenticatorData(RP_ID, flags, signCount, Buffer.alloc(more));
    return {
      entry: { ...key.entry, backupEligible },
      text: TEXT,
      assertion: assertionOf(key, TEXT, { data }),
    };
  });

const host = fc
  .array(
    fc.constantFrom(
      'example',
      'com',
      'localhost',
      'a',
      'xn--a',
      'A',
      '1',
      '0x1',
      '-a',
      'a-',
      'a_b',
      '',
      'ü',
      'a'.repeat(63),
      'a'.repeat(64),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((labels) => labels.join('.'));
const rpId = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('example.com', 'localhost', 'a.xn--a.com') },
  { weight: 1, arbitrary: fc.constantFrom('example.com\n', 'com', '') },
  { weight: 3, arbitrary: host },
);
const mostly = <T>(usual: fc.Arbitrary<T>, odd: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 6, arbitrary: usual }, { weight: 1, arbitrary: odd });
const port = mostly(
  fc.constantFrom('', '', ':8443'),
  fc.constantFrom(':80', ':443', ':65535', ':65536', ':0', ':08', ':', '/', '\n'),
);
const scheme = mostly(fc.constantFrom('https', 'https', 'http'), fc.constantFrom('HTTPS', 'ftp', ''));
const below = mostly(fc.constantFrom('', 'a.', 'b.c.'), fc.constantFrom('evil', '.', 'A.', '*.', 'u@'));
const origin = fc.tuple(scheme, below, mostly(fc.constant(undefined), host), port).map(
  ([over, before, other, at]) =>
    (of: string) =>
      `${over}://${before}${other ?? of}${at}`,
);
const entries = fc.tuple(rpId, fc.array(origin, { maxLength: 3 })).map(([of, places]): Judged => {
  const other = testPasskey(-7, { rpId: of, origins: places.map((place) => place(of)) }, key.privateKey);
  return { entry: other.entry, text: TEXT, assertion: assertionOf(other, TEXT) };
});

/** One character of one field replaced, put in or left out. */
const written = fc
  .tuple(
    fc.constantFrom('authenticatorData', 'clientDataJSON', 'value', 'spki', 'credential'),
    fc.nat(),
    fc.constantFrom('', 'A', 'B', '_', '-', '+', '/', '=', '==', '\n', ' ', 'é'),
    fc.nat(1),
  )
  .map(([field, at, put, left]): Judged => {
    const { entry } = key;
    const assertion = assertionOf(key, TEXT);
    const changed = (text: string) => {
      const place = text.length - (at % 4);
      return `${text.slice(0, place - left)}${put}${text.slice(place)}`;
    };
    return field === 'spki' || field === 'credential'
      ? { entry: { ...entry, [field]: changed(entry[field]) }, text: TEXT, assertion }
      : { entry, text: TEXT, assertion: { ...assertion, [field]: changed(assertion[field as 'value']) } };
  });

test.each([
  { what: 'members of clientDataJSON', cases: clients, of: 3_000, hold: 300 },
  { what: 'authenticatorData', cases: datas, of: 1_500, hold: 100 },
  { what: 'places', cases: entries, of: 3_000, hold: 100 },
  { what: 'forms of base64', cases: written, of: 1_500, hold: 50 },
])('$what by chance: the same verdict, of which some hold', async ({ cases, of, hold }) => {
  const vectors = fc.sample(cases, { numRuns: of, seed: 12 });
  const [one, other] = [ours(vectors), await faults(vectors)];
  const apart = vectors.flatMap(({ entry, assertion }, nth) =>
    (one[nth] === undefined) === (other[nth] === undefined)
      ? []
      : [
          {
            entry,
            client: Buffer.from(assertion.clientDataJSON, 'base64url').toString(),
            ours: one[nth],
            theirs: other[nth],
          },
        ],
  );
  expect(apart).toEqual([]);
  expect(one.filter((fault) => fault === undefined).length).toBeGreaterThan(hold);
});
