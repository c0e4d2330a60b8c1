/** What has gone from a reviewers directory since it was loaded before, as sentences; what has come, and what has ended, is none. */
import { vanished } from '../../src/domain/directory-changes';
import { Directory } from '../../src/domain/reviewers';
import type { z } from 'zod';
import { testKey } from '../support/reviewer-keys';

const AT = '2026-11-01T00:00:00.000Z';
const key = (seed: number, id: string, more: object = {}) => ({
  id,
  public: testKey(seed).public,
  ...more,
});
type Input = z.input<typeof Directory>;
const ANA = {
  name: 'ana',
  roles: ['oncall'],
  identities: [{ method: 'oidc', issuer: 'https://id.example', subject: '248289761001' }],
  keys: [key(1, 'ana-1'), key(2, 'ana-0', { revoked: '2026-01-01T00:00:00Z' })],
};
const FULL: Input = {
  people: [ANA, { name: 'bo' }],
  agents: [{ name: 'AGENT', owners: ['ana'] }],
  requesters: [{ name: 'svc', keys: [key(3, 'svc-1')] }],
  doors: [{ name: 'page', methods: ['oidc'], keys: [key(4, 'page-1')] }],
  workers: [{ name: 'w', keys: [key(5, 'w-1')] }],
};
const since = (what: string) => `${what} is gone since the version that was loaded at ${AT}`;

it.each<{ said: string; now: Input; gone: string[] }>([
  { said: 'nothing has changed', now: FULL, gone: [] },
  {
    said: 'somebody has come, with a key',
    now: { ...FULL, people: [...FULL.people, { name: 'cy', keys: [key(6, 'cy-1')] }] },
    gone: [],
  },
  {
    said: 'a key has ended, and another was revoked',
    now: {
      ...FULL,
      people: [
        { ...ANA, keys: [key(1, 'ana-1', { until: '2026-11-30T00:00:00Z', revoked: AT }), ANA.keys[1]!] },
        { name: 'bo' },
      ],
    },
    gone: [],
  },
  {
    said: 'a key has another id',
    now: { ...FULL, people: [{ ...ANA, keys: [key(1, 'ana-2026'), ANA.keys[1]!] }, { name: 'bo' }] },
    gone: [],
  },
  {
    said: 'a role and an alias are no part of it',
    now: { ...FULL, people: [{ ...ANA, roles: [] }, { name: 'bo' }] },
    gone: [],
  },
  { said: 'a person', now: { ...FULL, people: [ANA] }, gone: [since('bo')] },
  {
    said: 'a key',
    now: { ...FULL, people: [{ ...ANA, keys: [ANA.keys[1]!] }, { name: 'bo' }] },
    gone: [since('the key ana-1 of ana')],
  },
  {
    said: 'a revocation, and the key signs again',
    now: { ...FULL, people: [{ ...ANA, keys: [ANA.keys[0]!, key(2, 'ana-0')] }, { name: 'bo' }] },
    gone: [since('the revocation of the key ana-0 of ana')],
  },
  {
    said: 'a key that is somebody else’s now',
    now: {
      ...FULL,
      people: [
        { ...ANA, keys: [ANA.keys[1]!] },
        { name: 'bo', keys: [key(1, 'ana-1')] },
      ],
    },
    gone: [since('the key ana-1 of ana')],
  },
  {
    said: 'an identity',
    now: { ...FULL, people: [{ ...ANA, identities: [] }, { name: 'bo' }] },
    gone: [since('the identity 248289761001 (https://id.example) of ana')],
  },
  {
    said: 'an agent, a requester, a door and a worker',
    now: { people: FULL.people },
    gone: [
      since('the requester svc'),
      since('the key svc-1 of the requester svc'),
      since('the door page'),
      since('the key page-1 of the door page'),
      since('the worker w'),
      since('the key w-1 of the worker w'),
      since('the agent AGENT'),
    ],
  },
])('$said', ({ now, gone }) => {
  expect(vanished([{ directory: Directory.parse(FULL), at: AT }], Directory.parse(now))).toEqual(gone);
});

it('of several versions each thing is named once, with the last that had it', () => {
  const versions = ['2026-10-01T00:00:00.000Z', AT].map((at) => ({ directory: Directory.parse(FULL), at }));
  expect(vanished(versions, Directory.parse({ ...FULL, people: [ANA] }))).toEqual([since('bo')]);
  expect(vanished([], Directory.parse(FULL))).toEqual([]);
});
