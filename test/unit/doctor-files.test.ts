/** What doctor says of the files that say who decides: what is in them, who can write them, and what has gone from them. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../src/config';
import { checkPolicy, checkReviewers, checkWriters } from '../../src/doctor/files';
import { testKey } from '../support/reviewer-keys';

const folder = mkdtempSync(join(tmpdir(), 'countersign-files-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function file(name: string, text: string): string {
  const at = join(folder, name);
  writeFileSync(at, text);
  chmodSync(at, 0o644);
  return at;
}
const config = (variables: Record<string, string> = {}) => readConfig({ HOME: folder, ...variables });

const KEYS = `keys: [{ id: k1, public: '${testKey(1).public}' }]`;
const DOOR = `doors: [{ name: page, methods: [oidc], keys: [{ id: p1, public: '${testKey(2).public}' }] }]\n`;

describe('the people', () => {
  it.each([
    ['no keys and no doors', 'people: [{ name: ana }]\n', 'without keys and doors, names are believed'],
    ['keys', `people: [{ name: ana, ${KEYS} }]\n`, 'decisions are signed'],
    ['doors', `people: [{ name: ana }]\n${DOOR}`, 'decisions are vouched for by a door'],
    [
      'both',
      `people: [{ name: ana, ${KEYS} }]\n${DOOR}`,
      'decisions are signed, or vouched for by a door as far as it may',
    ],
  ])('%s', async (_, text, floor) => {
    const reviewers = file('reviewers.yaml', text);
    const says = (deployment: string) => ({
      name: 'reviewers',
      status: 'ok',
      says: `${reviewers}: 1 people, ${floor}; deployment ${deployment}`,
    });
    const variables = { COUNTERSIGN_REVIEWERS: reviewers };
    expect(await checkReviewers(config(variables))).toEqual(says('as the namespace is called'));
    expect(await checkReviewers(config({ ...variables, COUNTERSIGN_DEPLOYMENT: 'shop' }))).toEqual(
      says('shop'),
    );
    file('reviewers.yaml', `deployment: bank\n${text}`);
    expect(await checkReviewers(config({ ...variables, COUNTERSIGN_DEPLOYMENT: 'shop' }))).toEqual(
      says('bank'),
    );
  });
});

describe('the rules', () => {
  const TWO = `policies:
  two: { confirmation: VERIFY, levels: [{ name: HUMAN, approvers: { people: ['*'] }, quorum: 2, respondWithin: 1 day }] }
  told: { confirmation: INFO, levels: [{ name: HUMAN, approvers: { people: ['*'] }, respondWithin: 1 day }] }
default: two
`;

  it('that go by nobody’s word', async () => {
    const policy = file('policy.yaml', TWO);
    expect(await checkPolicy(config({ COUNTERSIGN_POLICY: policy }))).toEqual({
      name: 'policy',
      status: 'ok',
      says: `${policy}: 0 rules, 0 that deny`,
    });
  });

  it('that do are warned of, each', async () => {
    const rules = ['requester == "svc"', 'confidence > 0.9', '!sensitive'].map(
      (when, nth) => `  - { name: r${String(nth)}, when: '${when}', policy: told }\n`,
    );
    const policy = file('policy.yaml', `${TWO}rules:\n${rules.join('')}`);
    const check = await checkPolicy(config({ COUNTERSIGN_POLICY: policy }));
    expect(check).toMatchObject({
      status: 'warn',
      says: `${policy}: 3 rules, 0 that deny; somebody’s mere word decides`,
    });
    expect(check.mend?.map((line) => /goes by (\w+)/.exec(line)?.[1])).toEqual([
      'requester',
      'confidence',
      'sensitive',
    ]);
  });

  it('are told once, twenty of them and how many more', async () => {
    const rules = Array.from(
      { length: 30 },
      (_, nth) =>
        `  - { name: r${String(nth)}, when: 'args.n == ${String(nth)} && confidence > 0.9', policy: told }\n`,
    );
    const policy = file('policy.yaml', `${TWO}rules:\n${rules.join('')}`);
    const { mend = [] } = await checkPolicy(config({ COUNTERSIGN_POLICY: policy }));
    expect(mend).toHaveLength(21);
    expect(mend.at(-1)).toBe('and 10 more');
  });
});

const onPosix = process.platform === 'win32' ? describe.skip : describe;
onPosix('who can write them', () => {
  const variables = () => ({
    COUNTERSIGN_REVIEWERS: file('reviewers.yaml', 'people: [{ name: ana }]\n'),
    COUNTERSIGN_POLICY: file('policy.yaml', '{}\n'),
  });
  const by = `written by uid ${String(process.getuid?.())}, whose worker this is`;

  it('their owner alone', async () => {
    expect(await checkWriters(config(variables()))).toEqual({
      name: 'files',
      status: 'ok',
      says: `COUNTERSIGN_REVIEWERS, COUNTERSIGN_POLICY: ${by} alone`,
    });
    expect(await checkWriters(config())).toEqual({
      name: 'files',
      status: 'ok',
      says: 'none say who decides',
    });
  });

  it.each([
    ['a group', 0o664, /^group \d+ can write .*reviewers\.yaml \(COUNTERSIGN_REVIEWERS\): chmod g-w /],
    ['everybody', 0o646, /^everybody can write .*: chmod o-w /],
    ['both', 0o666, /^group \d+ and everybody can write .*: chmod g-w,o-w /],
  ])('%s', async (_, mode, line) => {
    const named = variables();
    chmodSync(named.COUNTERSIGN_REVIEWERS, mode);
    const check = await checkWriters(config(named));
    expect(check).toMatchObject({
      status: 'warn',
      says: `COUNTERSIGN_REVIEWERS, COUNTERSIGN_POLICY: ${by}, and by others`,
      mend: [expect.stringMatching(line)],
    });
  });

  it('who can write the folder can put another file there, unless it is sticky', async () => {
    const open = join(folder, 'open');
    mkdirSync(open);
    file('open/policy.yaml', '{}\n');
    chmodSync(open, 0o777);
    const named = { COUNTERSIGN_POLICY: join(open, 'policy.yaml') };
    expect((await checkWriters(config(named))).mend).toEqual([
      expect.stringMatching(/^group \d+ and everybody can write .*open \(COUNTERSIGN_POLICY\)/),
    ]);
    chmodSync(open, 0o1777);
    expect((await checkWriters(config(named))).status).toBe('ok');
  });
});
