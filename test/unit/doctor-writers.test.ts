/** Who else can write what the worker judges by: real modes on real files, and owners and groups as a machine could list them. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { readConfig } from '../../src/config';
import { checkWriters, judged, peopleHere, wayTo, type People, type Step } from '../../src/doctor/writers';

let directory: string;
const at = (...names: string[]) => path.join(directory, ...names);
beforeEach(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'countersign files-'));
  mkdirSync(at('etc'), { mode: 0o755 });
  for (const name of ['reviewers.yaml', 'policy.yaml', 'actions.ts']) writeFileSync(at('etc', name), '');
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

const config = (more: Record<string, string> = {}) =>
  readConfig({
    HOME: directory,
    COUNTERSIGN_DATA: at('etc'),
    COUNTERSIGN_REVIEWERS: at('etc', 'reviewers.yaml'),
    COUNTERSIGN_POLICY: at('etc', 'policy.yaml'),
    COUNTERSIGN_ACTIONS: at('etc', 'actions.ts'),
    ...more,
  });
async function said(more: Record<string, string> = {}) {
  const checks = await checkWriters(config(more));
  return Object.fromEntries(checks.map(({ name, ...rest }) => [name, rest]));
}

describe('real files', () => {
  test('as they should be: each is told with who can write it', async () => {
    chmodSync(at('etc', 'policy.yaml'), 0o600);
    const checks = await said();
    expect(Object.keys(checks)).toEqual(['reviewers file', 'policy file', 'actions file', 'data directory']);
    const { userOf, uid } = peopleHere()!;
    const who = uid === 0 ? 'root alone' : `${userOf(uid)} and root alone`;
    expect(checks['policy file']).toEqual({
      status: 'ok',
      says: `${who} can write ${at('etc', 'policy.yaml')} (mode 0600)`,
    });
  });

  test.each<[string, string, number, readonly string[]]>([
    ['the file of the reviewers', 'reviewers.yaml', 0o666, ['reviewers file']],
    ['the policy file', 'policy.yaml', 0o646, ['policy file']],
    ['the actions module', 'actions.ts', 0o777, ['actions file']],
    [
      'the directory of all of them',
      '.',
      0o777,
      ['reviewers file', 'policy file', 'actions file', 'data directory'],
    ],
    ['the directory above', '..', 0o757, ['reviewers file', 'policy file', 'actions file', 'data directory']],
  ])('anybody can write %s', async (_, name, mode, found) => {
    const open = path.join(at('etc'), name);
    chmodSync(open, mode);
    const checks = await said();
    const failed = Object.keys(checks).filter((one) => checks[one]?.status === 'fail');
    expect(failed).toEqual(found);
    const written = `anybody can write ${open} (mode ${mode.toString(8).padStart(4, '0')})`;
    for (const one of found) {
      expect(checks[one]?.says).toContain(written);
      expect(checks[one]?.mend).toContain(`chmod o-w '${open}'`);
    }
  });

  test('in a directory that is sticky, as /tmp is, others can put nothing in its place', async () => {
    chmodSync(at('etc'), 0o1777);
    expect((await said())['policy file']?.status).toBe('ok');
    chmodSync(at('etc', 'policy.yaml'), 0o666);
    expect((await said())['policy file']?.status).toBe('fail');
  });

  test('what a link leads to counts, and each directory on that way', async () => {
    mkdirSync(at('open'));
    writeFileSync(at('open', 'real.yaml'), '');
    symlinkSync('../open', at('etc', 'away'));
    symlinkSync('away/real.yaml', at('etc', 'link.yaml'));
    const linked = { COUNTERSIGN_POLICY: at('etc', 'link.yaml') };
    expect((await said(linked))['policy file']?.status).toBe('ok');
    chmodSync(at('open'), 0o777);
    expect((await said(linked))['policy file']).toMatchObject({
      status: 'fail',
      says: expect.stringContaining(`anybody can write ${at('open')} `),
    });
  });

  test('a circle of links is said, and a file that is gone is left to the check that needs it', async () => {
    symlinkSync('b', at('a'));
    symlinkSync('a', at('b'));
    expect(() => wayTo(at('a'))).toThrow('more than 40 links lead to');
    const checks = await said({ COUNTERSIGN_POLICY: at('none.yaml'), COUNTERSIGN_REVIEWERS: at('a') });
    expect(Object.keys(checks)).toEqual(['actions file', 'data directory']);
  });

  test('the checkpoints and their key, wherever they are, and the store', async () => {
    mkdirSync(at('proof'));
    for (const name of ['c.jsonl', 'c.key.pem']) writeFileSync(at('proof', name), '', { mode: 0o600 });
    writeFileSync(at('etc', 'countersign.db'), '');
    const more = { COUNTERSIGN_CHECKPOINTS: at('proof', 'c.jsonl') };
    const names = ['reviewers file', 'policy file', 'actions file', 'checkpoints', 'checkpoint key'];
    expect(Object.keys(await said(more))).toEqual([...names, 'store file', 'data directory']);
    expect(Object.values(await said(more)).map(({ status }) => status)).toEqual(Array(7).fill('ok'));
    chmodSync(at('proof', 'c.key.pem'), 0o640);
    expect((await said(more))['checkpoint key']).toEqual({
      status: 'fail',
      says: `others can read ${at('proof', 'c.key.pem')} (mode 0640)`,
      mend: [`chmod 600 '${at('proof', 'c.key.pem')}'`],
    });
    writeFileSync(at('own.pem'), '', { mode: 0o600 });
    const own = await said({ ...more, COUNTERSIGN_CHECKPOINT_KEY: at('own.pem') });
    expect(own['checkpoint key']).toMatchObject({ says: expect.stringContaining(at('own.pem')) });
    expect(
      Object.keys(await said({ COUNTERSIGN_CHECKPOINTS: 'off', COUNTERSIGN_STORE: 'postgresql://x' })),
    ).not.toContain('store file');
  });
});

describe('owners and groups', () => {
  const NAMES: Readonly<Record<number, string>> = { 0: 'root', 1000: 'ana', 1001: 'bo', 1002: 'cy' };
  const GROUPS: Readonly<Record<number, readonly number[]>> = {
    0: [0, 1001],
    1000: [1000],
    50: [1000, 1001, 1002],
  };
  const people = (uid = 1000): People => ({
    uid,
    userOf: (id) => NAMES[id] ?? String(id),
    groupOf: (id) => ({ 0: 'root', 50: 'staff', 1000: 'ana' })[id] ?? String(id),
    membersOf: (id) => GROUPS[id],
  });
  const step = (uid: number, gid: number, mode: number, directory = false): Step => ({
    ...{ path: directory ? '/srv/own' : '/srv/own/policy.yaml', directory, mode, uid, gid },
  });

  const file = '/srv/own/policy.yaml';
  const place = { name: 'policy file', path: file };
  const ana = 'ana and root alone can write /srv/own/policy.yaml';
  test.each<{ said: string; way: Step[]; as?: number; status: string; says: string; mend?: string[] }>([
    {
      said: 'root’s, and not even the worker’s',
      way: [step(0, 0, 0o644)],
      status: 'ok',
      says: `root alone can write ${file} (mode 0644)`,
    },
    { said: 'the worker’s own', way: [step(1000, 1000, 0o644)], status: 'ok', says: `${ana} (mode 0644)` },
    {
      said: 'root’s, in a directory of one’s own',
      way: [step(1000, 50, 0o755, true), step(0, 0, 0o644)],
      status: 'ok',
      says: ana,
    },
    { said: 'a group of one’s own', way: [step(1000, 1000, 0o664)], status: 'ok', says: ana },
    { said: 'the group root', way: [step(1000, 0, 0o664)], status: 'ok', says: ana },
    { said: 'a group that does not write', way: [step(1000, 50, 0o644)], status: 'ok', says: ana },
    {
      said: 'a group with others in it',
      way: [step(1000, 50, 0o664)],
      status: 'warn',
      says: `the group staff (bo, cy) can write ${file} (mode 0664)`,
      mend: [`chmod g-w ${file}`],
    },
    {
      said: 'a group that is not listed',
      way: [step(1000, 77, 0o664)],
      status: 'warn',
      says: `the group 77 can write ${file}`,
      mend: [`chmod g-w ${file}`],
    },
    {
      said: 'somebody else’s',
      way: [step(1001, 50, 0o644)],
      status: 'warn',
      says: `its owner bo can write ${file} (mode 0644)`,
      mend: [`chown ana ${file}`],
    },
    {
      said: 'one’s own in somebody else’s directory',
      way: [step(1001, 1000, 0o755, true), step(1000, 1000, 0o644)],
      status: 'warn',
      says: 'its owner bo can write /srv/own (mode 0755)',
      mend: ['chown ana /srv/own'],
    },
    {
      said: 'one’s own in somebody else’s sticky directory',
      way: [step(1001, 50, 0o1777, true), step(1000, 1000, 0o644)],
      status: 'warn',
      says: 'its owner bo can write /srv/own (mode 1777)',
      mend: ['chown ana /srv/own'],
    },
    {
      said: 'a worker that runs as root',
      way: [step(1000, 1000, 0o644)],
      as: 0,
      status: 'warn',
      says: `its owner ana can write ${file}`,
      mend: [`chown root ${file}`],
    },
    {
      said: 'all of it at once: the worst counts',
      way: [step(1001, 50, 0o777, true), step(1002, 50, 0o666)],
      status: 'fail',
      says:
        'its owner bo can write /srv/own (mode 0777); the group staff (bo, cy) can write /srv/own (mode 0777); ' +
        'anybody can write /srv/own (mode 0777); its owner cy can write',
      mend: ['/srv/own', file].flatMap((one) => [`chown ana ${one}`, `chmod g-w ${one}`, `chmod o-w ${one}`]),
    },
  ])('$said', ({ way, as, status, says, mend }) => {
    expect(judged(place, way, people(as))).toEqual({
      name: 'policy file',
      status,
      says: expect.stringContaining(says),
      ...(mend === undefined ? {} : { mend }),
    });
  });
});
