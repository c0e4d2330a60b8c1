/** `countersign keygen`: the private key goes into a file of one's own and nowhere else; the entry fits the directory. */
import { execFileSync } from 'node:child_process';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { loadDirectory } from '../../src/providers/reviewers/file';
import { readPrivateKey } from '../../src/signing';
import { cli } from '../support/cli-person';
import { fakeTemporal } from '../support/fake-temporal';

const folder = mkdtempSync(join(tmpdir(), 'countersign-keygen-'));
const before = process.cwd();
beforeAll(() => {
  process.chdir(folder);
});
afterAll(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

const keygen = (...argv: string[]) => cli(fakeTemporal(), ['keygen', ...argv], { data: folder });
const today = () => new Date().toISOString().slice(0, 10);

it('prints an entry that the directory takes as it stands, and keeps the private key to its file', async () => {
  const { code, out, err } = await keygen('--reviewer', 'ana');
  expect(code).toBe(0);
  const pem = readFileSync('ana.key.pem', 'utf8');
  expect(statSync('ana.key.pem').mode & 0o777).toBe(0o600);
  writeFileSync('reviewers.yaml', `people:\n${out}`);
  const { x = '' } = createPublicKey(createPrivateKey(pem)).export({ format: 'jwk' });
  const entry = { id: `ana-${today()}`, public: Buffer.from(x, 'base64url').toString('base64') };
  expect(await loadDirectory('reviewers.yaml', folder)).toEqual({ people: [{ name: 'ana', keys: [entry] }] });
  expect(readPrivateKey('ana.key.pem').keyId).toBe(entry.id);
  expect(err).toBe(
    'The private key is in ana.key.pem, for your eyes alone; it is not shown, and nobody else needs it.\n' +
      'What stands on stdout goes under people in the file that COUNTERSIGN_REVIEWERS names.\n',
  );
  const secret = pem.split('\n').find((line) => line.startsWith('MC4CAQ')) ?? '';
  expect(secret).not.toBe('');
  expect(`${out}${err}`).not.toContain(secret);
});

it('a file that is read by others who read PEM', async () => {
  await keygen('--reviewer', 'bo', '--out', 'bo.pem');
  const shown = execFileSync('openssl', ['pkey', '-in', 'bo.pem', '-pubout', '-outform', 'DER']);
  const { x = '' } = createPublicKey(createPrivateKey(readFileSync('bo.pem'))).export({ format: 'jwk' });
  expect(shown.subarray(-32).toString('base64url')).toBe(x);
});

it('--json: one line, with the same', async () => {
  const { out } = await keygen('--reviewer', 'cy', '--key-id', 'cy-laptop', '--out', 'cy.pem', '--json');
  expect(out.split('\n')).toHaveLength(2);
  expect(JSON.parse(out)).toEqual({
    reviewer: 'cy',
    id: 'cy-laptop',
    public: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/),
    file: 'cy.pem',
  });
});

it('never writes over a file, whatever is in it', async () => {
  writeFileSync('taken.pem', 'the only key to something');
  const { code, out, err } = await keygen('--reviewer', 'ana', '--out', 'taken.pem');
  expect({ code, out, err }).toEqual({
    code: 1,
    out: '',
    err: 'FILE_EXISTS: taken.pem is there already; name another with --out\n',
  });
  expect(readFileSync('taken.pem', 'utf8')).toBe('the only key to something');
});

it.each([
  { reviewer: '../eve', file: '..-eve.key.pem' },
  { reviewer: 'ana: {x}', file: 'ana---x-.key.pem' },
  { reviewer: 'a@example.com', file: 'a@example.com.key.pem' },
])('$reviewer: the file stays here, and the entry says the name as it is', async ({ reviewer, file }) => {
  const { out } = await keygen('--reviewer', reviewer);
  expect(existsSync(join(folder, file))).toBe(true);
  writeFileSync('odd.yaml', `people:\n${out}`);
  expect((await loadDirectory('odd.yaml', folder))?.people[0]?.name).toBe(reviewer);
});

it.each([
  [['--reviewer', '*'], '--reviewer must be 1–200 printable ASCII characters, and not *'],
  [['--reviewer', 'аna'], '--reviewer must be 1–200 printable ASCII characters, and not *'],
  [['--reviewer', 'ana', '--key-id', 'a\nb'], '--key-id must be 1–200 printable ASCII characters, and not *'],
  [['--reviewer', 'x'.repeat(200)], '--key-id must be 1–200 printable ASCII characters, and not *'],
  [
    ['--reviewer', 'ana', '--out', 'nowhere/ana.pem'],
    "--out: ENOENT: no such file or directory, open 'nowhere/ana.pem'",
  ],
])('%j is refused, and no file is left', async (argv, message) => {
  const { code, out, err } = await keygen(...argv);
  expect({ code, out, err }).toEqual({ code: 2, out: '', err: `INVALID_INPUT: ${message}\n` });
  expect(existsSync('nowhere')).toBe(false);
});

it('each key is another', async () => {
  const lines = await Promise.all(
    [1, 2, 3].map(async (nth) => (await keygen('--out', `${nth}.pem`, '--json')).out),
  );
  expect(new Set(lines.map((line) => (JSON.parse(line) as { public: string }).public)).size).toBe(3);
  expect(stringify(lines)).not.toContain('PRIVATE');
});
