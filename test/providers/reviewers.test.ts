/** The reviewers directory as people write it: what is taken, and where each mistake is told to be. */
import { createPublicKey, sign as signBytes, verify } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Directory } from '../../src/domain/reviewers';
import { loadDirectory } from '../../src/providers/reviewers/file';
import { publicKey } from '../../src/providers/reviewers/public-key';
import { testKey } from '../support/reviewer-keys';

const folder = mkdtempSync(join(tmpdir(), 'countersign-reviewers-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const ANA = testKey(1);

const GOOD = `# who decides
people:
  - name: ana
    aliases: [ana@example.com]
    roles: [oncall]
    keys:
      - id: ana-1
        public: ${ANA.public}
        until: 2027-01-01T00:00:00Z
  - name: bo
agents:
  - { name: AGENT, owners: [ana@example.com] }
`;
const MEANS = {
  people: [
    {
      name: 'ana',
      aliases: ['ana@example.com'],
      roles: ['oncall'],
      keys: [{ id: 'ana-1', public: ANA.public, until: '2027-01-01T00:00:00Z' }],
    },
    { name: 'bo' },
  ],
  agents: [{ name: 'AGENT', owners: ['ana@example.com'] }],
};

function loaded(text: string | Buffer, name = 'reviewers.yaml'): Promise<Directory | undefined> {
  writeFileSync(join(folder, name), text);
  return loadDirectory(name, folder);
}

async function problemsOf(text: string | Buffer): Promise<string[]> {
  const error = (await loaded(text).catch((thrown: unknown) => thrown)) as Error;
  expect(error).toBeInstanceOf(Error);
  const [first, ...rest] = error.message.split('\n');
  return rest.length > 0 && first === 'the reviewers directory is not right (COUNTERSIGN_REVIEWERS):'
    ? rest.map((line) => line.trim())
    : [error.message];
}

describe('the file', () => {
  it('is as Operations shows it', async () => {
    const page = readFileSync(join(__dirname, '../../docs/operations.md'), 'utf8');
    const [, example = ''] = /```yaml\n(deployment: [\s\S]*?)```/.exec(page) ?? [];
    expect(await loaded(example)).toMatchObject({
      deployment: 'shop-production',
      people: [{ name: 'ana', identities: [{ subject: '248289761001' }] }],
      requesters: [{ name: 'svc-orders' }],
      doors: [{ name: 'page', upTo: 'CONFIRM', risks: ['low', 'medium'] }],
    });
  });

  it('takes a passkey among a person’s keys', async () => {
    const text = passkey(`MCowBQYDK2VwAyEA${ANA.public}`);
    expect((await loaded(text))?.people[0]?.keys).toMatchObject([{ id: 'k1', kind: 'passkey', alg: -8 }]);
  });

  it('is YAML', async () => {
    expect(await loaded(GOOD)).toEqual(MEANS);
  });

  it('is JSON, however it is indented, and may begin with a byte order mark', async () => {
    expect(await loaded(JSON.stringify(MEANS), 'reviewers.json')).toEqual(MEANS);
    expect(await loaded(`\ufeff${JSON.stringify(MEANS, undefined, '\t')}`, 'reviewers.json')).toEqual(MEANS);
  });

  it('may say once what stands there often', async () => {
    const roles = 'people:\n  - { name: ana, roles: &all [dba, oncall] }\n  - { name: bo, roles: *all }\n';
    expect((await loaded(roles))?.people.map((one) => one.roles)).toEqual([
      ['dba', 'oncall'],
      ['dba', 'oncall'],
    ]);
  });

  it('is not needed: names are believed then', async () => {
    expect(await loadDirectory(undefined, folder)).toBeUndefined();
  });

  it('is named absolutely, too', async () => {
    await loaded(GOOD);
    expect(await loadDirectory(join(folder, 'reviewers.yaml'), '/')).toEqual(MEANS);
  });

  it('that is not there: the variable, the way out, and a file that is taken', async () => {
    const { message } = (await loadDirectory('nowhere.yaml', folder).catch(
      (error: unknown) => error,
    )) as Error;
    const [first, second, ...example] = message.split('\n');
    expect([first, second]).toEqual([
      'COUNTERSIGN_REVIEWERS names the reviewers directory, but nowhere.yaml is not there.',
      'Unset it to believe names as they are sent, or name a file such as:',
    ]);
    expect(await loaded(example.join('\n'))).toMatchObject({ people: [{ name: 'ana' }] });
  });

  it('that is a folder, is too large, or is not text', async () => {
    mkdirSync(join(folder, 'folder'));
    await expect(loadDirectory('folder', folder)).rejects.toThrow('but folder is no file.');
    const most = `${GOOD}${'#'.repeat(128 * 1024 - GOOD.length)}`;
    expect(await loaded(most)).toEqual(MEANS);
    expect(await problemsOf(`${most}#`)).toEqual([
      'the reviewers directory, reviewers.yaml, is larger than 128 KiB',
    ]);
    expect(await problemsOf(Buffer.from([0x61, 0xff]))).toEqual([
      'the reviewers directory, reviewers.yaml, is not UTF-8 text',
    ]);
  });
});

const ZERO = Buffer.alloc(32).toString('base64');
const key = (text: string) => `people:\n  - name: ana\n    keys:\n      - id: k1\n        public: ${text}\n`;
const passkey = (spki: string, alg = -8, origin = 'https://example.com') =>
  `people:\n  - name: ana\n    keys:\n      - id: k1\n        kind: passkey\n        credential: ${'A'.repeat(32)}\n        spki: ${spki}\n` +
  `        alg: ${String(alg)}\n        rpId: example.com\n        origins: [${origin}]\n        backupEligible: false\n`;
const bytes = (...first: number[]) =>
  Buffer.concat([Buffer.from(first), Buffer.alloc(32 - first.length)]).toString('base64');

it.each<[string, string, string[]]>([
  ['nothing', '', ['1:1: expected object, received null']],
  ['a list', '- ana\n', ['1:1: expected object, received array']],
  ['an unknown key', GOOD.replace('roles:', 'role:'), ['5:5: people[0].role: unknown key']],
  ['an unknown key at the top', `${GOOD}reviewers: []\n`, ['13:1: reviewers: unknown key']],
  [
    'a missing name',
    GOOD.replace('- name: bo', '- roles: [dba]'),
    ['10:5: people[1].name: expected string, received undefined'],
  ],
  [
    'a name that is a number',
    GOOD.replace('name: bo', 'name: 7'),
    ['10:11: people[1].name: expected string, received number'],
  ],
  [
    'a name that YAML 1.1 would read as a truth',
    GOOD.replace('name: bo', 'name: no\n  - name: true'),
    ['11:11: people[2].name: expected string, received boolean'],
  ],
  [
    'a name that only looks like one',
    GOOD.replace('name: bo', 'name: bо'),
    ['10:11: people[1].name: must be 1–200 printable ASCII characters'],
  ],
  [
    'a short key',
    key('abc='),
    ['5:17: people[0].keys[0].public: must be the 32 bytes of an Ed25519 public key in base64'],
  ],
  ['no key', key(''), ['5:17: people[0].keys[0].public: expected string, received null']],
  [
    'a key of 32 zeros, under which a signature of 64 zeros is good',
    key(ZERO),
    [
      '5:17: people[0].keys[0].public: the public key is a point of small order, under which anybody can sign',
    ],
  ],
  [
    'the point of order 1',
    key(bytes(1)),
    [
      '5:17: people[0].keys[0].public: the public key is a point of small order, under which anybody can sign',
    ],
  ],
  ...[
    { list: 'requesters', more: '', line: 4 },
    { list: 'workers', more: '', line: 4 },
    { list: 'doors', more: '    methods: [oidc]\n', line: 5 },
  ].map(({ list, more, line }): [string, string, string[]] => [
    `a weak key of one of the ${list}`,
    `people: [{ name: ana }]\n${list}:\n  - name: x\n${more}    keys: [{ id: k, public: ${ZERO} }]\n`,
    [
      `${String(line)}:29: ${list}[0].keys[0].public: the public key is a point of small order, under which anybody can sign`,
    ],
  ]),
  [
    'a passkey of a weak key',
    passkey(`MCowBQYDK2VwAyEA${ZERO}`),
    ['7:15: people[0].keys[0].spki: the public key is a point of small order, under which anybody can sign'],
  ],
  [
    'a passkey whose key is of another kind than it says',
    passkey(`MCowBQYDK2VwAyEA${ANA.public}`, -7),
    [
      '7:15: people[0].keys[0].spki: the public key is not an uncompressed point of P-256, which alg -7 needs',
    ],
  ],
  [
    'a passkey of somebody else’s page',
    passkey(`MCowBQYDK2VwAyEA${ANA.public}`, -8, 'https://evil.example'),
    ['10:19: people[0].keys[0].origins[0]: its host is neither example.com nor below it'],
  ],
  [
    'a key that is no point',
    key(bytes(2)),
    ['5:17: people[0].keys[0].public: the public key is no point of the curve'],
  ],
  [
    'a key above the prime',
    key(Buffer.alloc(32, 0xff).toString('base64')),
    ['5:17: people[0].keys[0].public: the public key is no point of the curve: y is not below 2^255 - 19'],
  ],
  ['a name twice', GOOD.replace('name: bo', 'name: ana'), ['10:11: people[1].name: ana is taken']],
  ['a key twice', 'people:\n  - name: ana\n    name: bo\n', ['3:5: the key stands there twice']],
  [
    'a key twice, once quoted',
    'people:\n  - name: ana\n    "name": bo\n',
    ['3:5: the key stands there twice'],
  ],
  [
    'a key twice in JSON',
    '{"people": [{"name": "ana"}],\n "people": []}',
    ['2:2: the key stands there twice'],
  ],
  [
    'everything that is wrong, at once',
    'people:\n  - name: " ana"\n    aliases: [ok, ""]\n    email: x\n  - {}\nagents:\n  - name: A\n',
    [
      '2:11: people[0].name: must be 1–200 printable ASCII characters',
      '3:19: people[0].aliases[1]: must be 1–200 printable ASCII characters',
      '4:5: people[0].email: unknown key',
      '5:5: people[1].name: expected string, received undefined',
      '7:5: agents[0].owners: expected array, received undefined',
    ],
  ],
  [
    'a misspelt owner',
    GOOD.replace('owners: [ana@', 'owners: [anna@'),
    ['12:29: agents[0].owners[0]: anna@example.com is not among the people'],
  ],
  [
    'what an alias stands for',
    'people:\n  - { name: ana, roles: &all [dba, 7] }\n  - { name: bo, roles: *all }\n',
    [
      '2:36: people[0].roles[1]: expected string, received number',
      '2:36: people[1].roles[1]: expected string, received number',
    ],
  ],
  [
    'an alias of nothing',
    'people: *people\n',
    ['1:1: Unresolved alias (the anchor must be set before the alias): people'],
  ],
  [
    'itself',
    'people: &people\n  - *people\n',
    ['1:1: it is nested more than 32 levels deep, or repeats itself without end'],
  ],
  ['two documents', `${GOOD}---\n${GOOD}`, ['13:1: a second document begins; write one']],
  [
    'YAML 1.1, where no is false',
    `%YAML 1.1\n---\n${GOOD}`,
    ['1:1: it says YAML 1.1, where yes and no are booleans; write YAML 1.2'],
  ],
  [
    'a tag',
    GOOD.replace('name: bo', 'name: !!binary Ym8='),
    ['10:11: Unresolved tag: tag:yaml.org,2002:binary'],
  ],
  [
    'a broken flow',
    'people: [{ name: ana }\n',
    ['2:1: Flow sequence in block collection must be sufficiently indented and end with a ]'],
  ],
  ['60,000 brackets', '['.repeat(60_000), ['1:1: it is nested too deep']],
  [
    'control characters in a key',
    'people:\n  - name: ana\n    "\\e[2Jx\\u202e": 1\n',
    ['3:5: people[0]["\\u001b[2Jx‹U+202E›"]: unknown key'],
  ],
])('%s is refused, where it stands', async (_, text, problems) => {
  const told = await problemsOf(text);
  const at =
    problems[0]?.endsWith('too deep') === true
      ? told.map((line) => line.replace(/:\d+:\d+:/, ':1:1:'))
      : told;
  expect(at).toEqual(problems.map((problem) => `reviewers.yaml:${problem}`));
});

it('aliases that would grow without bounds are refused at once', async () => {
  const bomb = Array.from(
    { length: 12 },
    (_, nth) => `a${nth}: &a${nth} [${`*a${nth - 1}, `.repeat(nth === 0 ? 0 : 9)}x]`,
  ).join('\n');
  const before = process.cpuUsage();
  expect(await problemsOf(bomb)).toEqual(['reviewers.yaml:1:1: its aliases repeat too much; write it out']);
  const { user } = process.cpuUsage(before);
  expect(user / 1_000).toBeLessThan(5_000); // written out it is years
});

it('hundreds of problems are told up to fifty, and counted', async () => {
  const told = await problemsOf(`people:\n${'  - name: 7\n'.repeat(300)}`);
  expect([told.length, told[0], told[50]]).toEqual([
    51,
    'reviewers.yaml:2:11: people[0].name: expected string, received number',
    'and 250 more',
  ]);
});

describe('public keys', () => {
  it('are what node:crypto has', () => {
    for (let seed = 0; seed < 100; seed++) {
      const pair = testKey(seed);
      const text = Buffer.from(`text ${seed}`);
      expect(verify(null, text, publicKey(pair.public), signBytes(null, text, pair.key))).toBe(true);
    }
  });

  it('of small order are refused, with either sign: node:crypto takes forgeries for the first', () => {
    const forged = createPublicKey({
      key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), Buffer.alloc(32)]),
      format: 'der',
      type: 'spki',
    });
    expect(
      Array.from({ length: 64 }, (_, nth) => verify(null, Buffer.from([nth]), forged, Buffer.alloc(64))),
    ).toContain(true);
    const small = [
      '00'.repeat(32),
      `01${'00'.repeat(31)}`,
      `ec${'ff'.repeat(30)}7f`,
      '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
      'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
    ].map((hex) => Buffer.from(hex, 'hex'));
    for (const raw of small) {
      const negative = Buffer.from(raw);
      negative[31] = (negative[31] ?? 0) | 0x80;
      for (const one of [raw, negative])
        expect(() => publicKey(one.toString('base64'))).toThrow('small order');
    }
  });

  it('of another length are refused', () => {
    expect(() => publicKey('')).toThrow('the public key has not 32 bytes');
    expect(() => publicKey(Buffer.alloc(33, 1).toString('base64'))).toThrow(
      'the public key has not 32 bytes',
    );
  });
});
