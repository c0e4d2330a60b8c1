/** What doctor says of the files that say who decides: what is in them. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../src/config';
import { checkPolicy, checkReviewers } from '../../src/doctor/files';
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
