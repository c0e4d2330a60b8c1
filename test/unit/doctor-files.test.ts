/** What doctor says of the files that say who decides: what is in them. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../src/config';
import { checkGone, checkPolicy, checkReviewers } from '../../src/doctor/files';
import { configurationText } from '../../src/domain/configuration';
import { openStore } from '../../src/store';
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

describe('what has gone from the directory', () => {
  const people = (...names: string[]) => ({ people: names.map((name) => ({ name })) });
  const loaded = async (data: string, ...versions: { text: string; at: string }[]) => {
    const store = await openStore(config({ COUNTERSIGN_DATA: data }));
    for (const version of versions) await store.configured({ kind: 'directory', ...version });
    await store.close();
  };
  const at = '2026-03-02T09:00:00.000Z';

  it('is told with the version that had it; what is no version of one is passed over', async () => {
    const data = join(folder, 'gone');
    await loaded(data, { text: configurationText(people('ana', 'bo')), at }, { text: 'no JSON', at });
    const now = file('reviewers.yaml', 'people: [{ name: ana }]\n');
    const variables = { COUNTERSIGN_DATA: data, COUNTERSIGN_REVIEWERS: now };
    expect(await checkGone(config(variables))).toMatchObject({
      status: 'warn',
      says: expect.stringContaining('2 versions of the reviewers directory are on record'),
      mend: [expect.stringContaining('bo')],
    });
    file('reviewers.yaml', 'people: [{ name: ana }, { name: bo }]\n');
    expect(await checkGone(config(variables))).toMatchObject({ status: 'ok' });
    expect(await checkGone(config({ COUNTERSIGN_DATA: data }))).toMatchObject({
      status: 'warn',
      mend: [expect.stringContaining('the whole directory is gone')],
    });
  });

  it('is not looked at where there is no store', async () => {
    const says = 'not looked at: there is no store';
    expect(await checkGone(config({ COUNTERSIGN_DATA: join(folder, 'none') }))).toMatchObject({
      status: 'ok',
      says,
    });
  });
});
