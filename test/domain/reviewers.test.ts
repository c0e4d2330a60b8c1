/** Who people are: what a directory may say, and whom a name, a role or an agent leads to. */
import { GRADES } from '../../src/domain/grade';
import {
  Directory,
  holderOf,
  holders,
  holdsKeys,
  identified,
  mayReach,
  maySign,
  hasRole,
  known,
  ownersOf,
  personOf,
} from '../../src/domain/reviewers';

const KEY = 'Bwf6/w4H0yBWJhFNVdyJtaK6DRUKCYxQpC9WvkRYZz4=';
const OTHER = `${'A'.repeat(42)}E=`;
/** The DER of an Ed25519 key, up to its bytes. */
const ED25519 = 'MCowBQYDK2VwAyEA';
const PASSKEY = {
  id: 'p1',
  kind: 'passkey',
  credential: 'A'.repeat(32),
  spki: `${ED25519}${'B'.repeat(42)}E=`,
  alg: -8,
  rpId: 'example.com',
  origins: ['https://sign.example.com'],
  backupEligible: true,
};
const IDENTITY = { method: 'oidc', issuer: 'https://id.example', subject: '7' };

const directory = Directory.parse({
  people: [
    { name: 'ana', aliases: ['ana@example.com', 'a.meier'], roles: ['oncall', 'dba'] },
    { name: 'bo', roles: ['dba'], keys: [{ id: 'bo-1', public: KEY }] },
    { name: 'cy' },
  ],
  agents: [
    { name: 'AGENT', owners: ['ana@example.com'] },
    { name: 'openai/gpt-5-mini', owners: ['bo', 'cy'] },
    { name: 'svc-orders', owners: ['cy'] },
  ],
});

describe('a directory', () => {
  const person = (rest: object) => ({ people: [{ name: 'ana', ...rest }] });
  const keyed = (...keys: object[]) => person({ keys });

  it.each<[string, unknown, string, string]>([
    ['nobody', { people: [] }, 'people', 'Too small: expected array to have >=1 items'],
    ['a misspelt key', { people: [{ name: 'ana', role: [] }] }, 'people.0', 'Unrecognized key: "role"'],
    ['a name twice', { people: [{ name: 'ana' }, { name: 'ana' }] }, 'people.1.name', 'ana is taken'],
    [
      'an alias that is a name',
      { people: [{ name: 'ana' }, { name: 'bo', aliases: ['x', 'ana'] }] },
      'people.1.aliases.1',
      'ana is taken',
    ],
    [
      'a name that is an alias',
      { people: [{ name: 'ana', aliases: ['bo'] }, { name: 'bo' }] },
      'people.1.name',
      'bo is taken',
    ],
    ['an alias of oneself', person({ aliases: ['ana'] }), 'people.0.aliases.0', 'ana is taken'],
    [
      'an agent twice',
      {
        ...person({}),
        agents: [
          { name: 'A', owners: ['ana'] },
          { name: 'A', owners: ['ana'] },
        ],
      },
      'agents.1.name',
      'A is taken',
    ],
    [
      'a misspelt owner',
      { ...person({}), agents: [{ name: 'A', owners: ['ana', 'anna'] }] },
      'agents.0.owners.1',
      'anna is not among the people',
    ],
    [
      'an agent without an owner',
      { ...person({}), agents: [{ name: 'A', owners: [] }] },
      'agents.0.owners',
      'Too small: expected array to have >=1 items',
    ],
    [
      'anybody as a name',
      { people: [{ name: '*' }] },
      'people.0.name',
      '* is anybody, and nobody is called that',
    ],
    [
      'anybody as an alias',
      person({ aliases: ['*'] }),
      'people.0.aliases.0',
      '* is anybody, and nobody is called that',
    ],
    [
      'a key id twice',
      keyed({ id: 'k', public: KEY }, { id: 'k', public: OTHER }),
      'people.0.keys.1.id',
      'k is taken',
    ],
    [
      'a key under two ids, which would outlive its revocation',
      keyed({ id: 'k', public: KEY }, { id: 'l', public: KEY }),
      'people.0.keys.1.public',
      'is key k of ana, too',
    ],
    [
      'a key of two people, of whom one would count twice',
      {
        people: [
          { name: 'ana', keys: [{ id: 'k', public: KEY }] },
          { name: 'bo', keys: [{ id: 'k', public: KEY }] },
        ],
      },
      'people.1.keys.0.public',
      'is key k of ana, too',
    ],
    [
      'a key that is never valid',
      keyed({ id: 'k', public: KEY, from: '2026-02-01T00:00:00Z', until: '2026-01-31T23:59:59Z' }),
      'people.0.keys.0.until',
      'must be later than from',
    ],
    [
      'a short key',
      keyed({ id: 'k', public: KEY.slice(4) }),
      'people.0.keys.0.public',
      'must be the 32 bytes of an Ed25519 public key in base64',
    ],
    [
      'a key with bits to spare, a second spelling of another',
      keyed({ id: 'k', public: KEY.replace('4=', '5=') }),
      'people.0.keys.0.public',
      'must be the 32 bytes of an Ed25519 public key in base64',
    ],
    [
      'a key in base64url',
      keyed({ id: 'k', public: KEY.replace('/', '_') }),
      'people.0.keys.0.public',
      'must be the 32 bytes of an Ed25519 public key in base64',
    ],
    [
      'a key of a person and a requester, one of whose texts would pass for the other’s',
      { ...keyed({ id: 'k', public: KEY }), requesters: [{ name: 'svc', keys: [{ id: 's', public: KEY }] }] },
      'requesters.0.keys.0.public',
      'is key k of ana, too',
    ],
    [
      'a key of two doors',
      {
        ...person({}),
        doors: ['page', 'api'].map((name) => ({ name, methods: ['oidc'], keys: [{ id: 'd', public: KEY }] })),
      },
      'doors.1.keys.0.public',
      'is key d of the door page, too',
    ],
    [
      'a key of a requester, a door and a worker',
      {
        ...person({}),
        requesters: [{ name: 'svc', keys: [{ id: 's', public: KEY }] }],
        workers: [{ name: 'w', keys: [{ id: 'w', public: KEY }] }],
      },
      'workers.0.keys.0.public',
      'is key s of the requester svc, too',
    ],
    [
      'a key id of a door twice',
      {
        ...person({}),
        doors: [
          {
            name: 'page',
            methods: ['oidc'],
            keys: [
              { id: 'd', public: KEY },
              { id: 'd', public: OTHER },
            ],
          },
        ],
      },
      'doors.0.keys.1.id',
      'd is taken',
    ],
    [
      'a requester’s key that is never valid',
      {
        ...person({}),
        requesters: [
          {
            name: 'svc',
            keys: [{ id: 's', public: KEY, from: '2026-02-01T00:00:00Z', until: '2026-02-01T00:00:00Z' }],
          },
        ],
      },
      'requesters.0.keys.0.until',
      'must be later than from',
    ],
    [
      'a requester twice',
      {
        ...person({}),
        requesters: [KEY, OTHER].map((key) => ({ name: 'svc', keys: [{ id: 's', public: key }] })),
      },
      'requesters.1.name',
      'svc is taken',
    ],
    [
      'a door that is anybody',
      { ...person({}), doors: [{ name: '*', methods: ['oidc'], keys: [{ id: 'd', public: KEY }] }] },
      'doors.0.name',
      '* is anybody, and nobody is called that',
    ],
    [
      'a door without a method',
      { ...person({}), doors: [{ name: 'page', methods: [], keys: [{ id: 'd', public: KEY }] }] },
      'doors.0.methods',
      'Too small: expected array to have >=1 items',
    ],
    [
      'a door without a key',
      { ...person({}), doors: [{ name: 'page', methods: ['oidc'], keys: [] }] },
      'doors.0.keys',
      'Too small: expected array to have >=1 items',
    ],
    [
      'a worker’s key of another kind',
      { ...person({}), workers: [{ name: 'w', keys: [{ id: 'w', public: KEY, kind: 'passkey' }] }] },
      'workers.0.keys.0',
      'Unrecognized key: "kind"',
    ],
    [
      'a passkey twice',
      keyed(PASSKEY, { ...PASSKEY, id: 'p2', credential: 'B'.repeat(32) }),
      'people.0.keys.1.spki',
      'is key p1 of ana, too',
    ],
    [
      'a credential of two public keys',
      keyed(PASSKEY, { ...PASSKEY, id: 'p2', spki: `${ED25519}${OTHER}` }),
      'people.0.keys.1.credential',
      'is key p1 of ana, too',
    ],
    [
      'a passkey that is a key file’s key, in another form',
      keyed({ id: 'k', public: KEY }, { ...PASSKEY, spki: `${ED25519}${KEY}` }),
      'people.0.keys.1.spki',
      'is key k of ana, too',
    ],
    [
      'a key of a kind that is none',
      keyed({ ...PASSKEY, kind: 'pgp' }),
      'people.0.keys.0.kind',
      "Invalid discriminator value. Expected 'undefined' | 'passkey'",
    ],
    [
      'an identity of two people',
      {
        people: [
          { name: 'ana', identities: [IDENTITY] },
          { name: 'bo', identities: [{ ...IDENTITY, method: 'saml' }] },
        ],
      },
      'people.1.identities.0.subject',
      'is ana, too',
    ],
    [
      'an identity twice',
      person({ identities: [IDENTITY, IDENTITY] }),
      'people.0.identities.1',
      'stands there twice',
    ],
    [
      'an identity without an issuer',
      person({ identities: [{ method: 'oidc', subject: '7' }] }),
      'people.0.identities.0.issuer',
      'Invalid input: expected string, received undefined',
    ],
    [
      'a word for synced passkeys that is none',
      { ...person({}), passkeys: { synced: 'maybe' } },
      'passkeys.synced',
      'Invalid option: expected one of "allow"|"refuse"',
    ],
    [
      'a day in place of an instant',
      keyed({ id: 'k', public: KEY, revoked: '2026-01-01' }),
      'people.0.keys.0.revoked',
      'Invalid ISO datetime',
    ],
  ])('is refused with %s', (_, given, path, message) => {
    const { error } = Directory.safeParse(given);
    expect(error?.issues.map((issue) => [issue.path.join('.'), issue.message])).toEqual([[path, message]]);
  });

  it('may name a service among the people, who signs, and among the agents, whom somebody owns', () => {
    const both = {
      people: [{ name: 'ana' }, { name: 'svc', aliases: ['svc-orders'] }],
      agents: [{ name: 'svc', owners: ['ana'] }],
    };
    const taken = Directory.parse(both);
    expect(taken).toEqual(both);
    expect(ownersOf(taken, 'svc', 'svc')).toEqual(['ana']);
    expect(ownersOf(taken, 'svc-orders', 'AGENT (offline)')).toEqual(['ana']);
    expect(ownersOf({ ...both, agents: [{ name: 'svc-orders', owners: ['ana'] }] }, 'svc', 'svc')).toEqual([
      'ana',
    ]);
  });

  it('may know one person by one subject in two ways, and by two issuers', () => {
    const known = {
      people: [
        {
          name: 'ana',
          identities: [
            IDENTITY,
            { ...IDENTITY, method: 'saml' },
            { ...IDENTITY, issuer: 'https://other.example' },
          ],
        },
        { name: 'bo', identities: [{ ...IDENTITY, subject: '8' }] },
      ],
    };
    expect(Directory.parse(known)).toEqual(known);
  });

  it('may name one requester and person alike, whose keys are each their own', () => {
    const both = {
      people: [{ name: 'ana', keys: [{ id: 'k', public: KEY }] }],
      requesters: [{ name: 'ana', keys: [{ id: 'k', public: OTHER }] }],
    };
    expect(Directory.parse(both)).toEqual(both);
  });

  it('may name a key id for two people, who each have their own', () => {
    const two = {
      people: [
        { name: 'ana', keys: [{ id: 'k', public: KEY }] },
        { name: 'bo', keys: [{ id: 'k', public: OTHER }] },
      ],
    };
    expect(Directory.parse(two)).toEqual(two);
  });
});

it.each([
  { said: 'a name', name: 'ana', person: 'ana', stands: 'ana' },
  { said: 'an alias', name: 'a.meier', person: 'ana', stands: 'ana' },
  { said: 'a stranger', name: 'eve', person: undefined, stands: 'eve' },
  { said: 'another case', name: 'Ana', person: undefined, stands: 'Ana' },
  { said: 'a word of the language', name: '__proto__', person: undefined, stands: '__proto__' },
])('$said: who that is', ({ name, person, stands }) => {
  expect({ person: personOf(directory, name), stands: known(directory, name) }).toEqual({ person, stands });
  expect({ person: personOf(undefined, name), stands: known(undefined, name) }).toEqual({
    person: name,
    stands: name,
  });
});

it('roles: who holds them, by any name, in the order of the directory', () => {
  expect(holders(directory, 'dba')).toEqual(['ana', 'bo']);
  expect(holders(directory, 'nobody')).toEqual([]);
  expect(['ana', 'a.meier', 'bo', 'cy', 'eve'].map((name) => hasRole(directory, name, 'oncall'))).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
  expect([holders(undefined, 'dba'), hasRole(undefined, 'ana', 'dba')]).toEqual([[], false]);
});

it('holds keys where anybody has one', () => {
  const without = { people: [{ name: 'ana', keys: [] }, { name: 'bo' }] };
  expect([directory, without, undefined].map(holdsKeys)).toEqual([true, false, false]);
});

it.each([
  { said: 'the level that proposed', requester: 'req', by: 'AGENT', owners: ['ana'] },
  {
    said: 'its level and its own name',
    requester: 'req',
    by: 'AGENT (openai/gpt-5-mini)',
    owners: ['ana', 'bo', 'cy'],
  },
  {
    said: 'a level that nobody owns, by its own name',
    requester: 'req',
    by: 'SENIOR AGENT (openai/gpt-5-mini)',
    owners: ['bo', 'cy'],
  },
  { said: 'a name that only begins alike', requester: 'req', by: 'AGENT2 (openai/gpt-5-mini-2)', owners: [] },
  { said: 'an agent that asks for itself', requester: 'svc-orders', by: 'svc-orders', owners: ['cy'] },
  {
    said: 'an agent that asks, and one that proposes',
    requester: 'svc-orders',
    by: 'AGENT (offline)',
    owners: ['ana', 'cy'],
  },
  { said: 'everybody once', requester: 'svc-orders', by: 'X (openai/gpt-5-mini)', owners: ['bo', 'cy'] },
  { said: 'a person who asks', requester: 'ana', by: 'ana', owners: [] },
])('owners of $said', ({ requester, by, owners }) => {
  expect(ownersOf(directory, requester, by)).toEqual(owners);
  expect(ownersOf(undefined, requester, by)).toEqual([]);
});

describe('whose key it may be, by its role', () => {
  const [ANA, SVC, PAGE, WORKER] = [[{ id: 'k', public: KEY }], [{ id: 's', public: OTHER }], [], []];
  const all = {
    people: [{ name: 'ana', aliases: ['ana@example.com'], keys: ANA }, { name: 'bo' }],
    requesters: [{ name: 'svc', keys: SVC }],
    doors: [{ name: 'page', methods: ['oidc'], keys: PAGE }],
    workers: [{ name: 'w', keys: WORKER }],
  };

  it.each([
    { role: 'person', name: 'ana', holder: { name: 'ana', keys: ANA } },
    { role: 'person', name: 'ana@example.com', holder: { name: 'ana', keys: ANA } },
    { role: 'person', name: 'bo', holder: { name: 'bo', keys: [] } },
    { role: 'person', name: 'svc', holder: undefined },
    { role: 'requester', name: 'svc', holder: { name: 'svc', keys: SVC } },
    { role: 'requester', name: 'ana', holder: undefined },
    { role: 'door', name: 'page', holder: { name: 'page', methods: ['oidc'], keys: PAGE } },
    { role: 'door', name: 'w', holder: undefined },
    { role: 'worker', name: 'w', holder: { name: 'w', keys: WORKER } },
    { role: 'worker', name: 'page', holder: undefined },
  ])('$role $name', ({ role, name, holder }) => {
    expect(holderOf(all, role as 'worker', name)).toEqual(holder);
    expect(holderOf(undefined, role as 'worker', name)).toBeUndefined();
  });
});

describe('the person of an identity', () => {
  const known = Directory.parse({
    people: [
      { name: 'ana', aliases: ['7', 'ana@example.com'], identities: [IDENTITY] },
      { name: 'bo', identities: [{ ...IDENTITY, subject: 'ana@example.com' }] },
    ],
  });

  it.each([
    { said: 'as it is listed', change: {}, person: 'ana' },
    { said: 'a subject that is another’s alias', change: { subject: 'ana@example.com' }, person: 'bo' },
    { said: 'another issuer', change: { issuer: 'https://id.example/' }, person: undefined },
    { said: 'another method', change: { method: 'token' }, person: undefined },
    { said: 'another case', change: { issuer: 'https://ID.example' }, person: undefined },
    { said: 'an alias', change: { subject: 'ana' }, person: undefined },
  ])('$said', ({ change, person }) => {
    expect(identified(known, { ...IDENTITY, ...change })?.name).toBe(person);
    expect(identified(undefined, { ...IDENTITY, ...change })).toBeUndefined();
  });
});

describe('how surely a person’s decisions could be known', () => {
  const occasion = { confirmation: 'CONFIRM', risk: 'low' } as const;
  const somebody = (person: object, rest: object = {}) =>
    Directory.parse({
      people: [{ name: 'ana', aliases: ['a.meier'], ...person }],
      doors: [{ name: 'page', methods: ['oidc'], keys: [{ id: 'd', public: OTHER }] }],
      ...rest,
    });
  const revoked = '2026-01-01T00:00:00Z';

  it.each<{ said: string; of: Directory; grades: string[] }>([
    { said: 'neither key nor identity', of: somebody({}), grades: ['open'] },
    {
      said: 'a key',
      of: somebody({ keys: [{ id: 'k', public: KEY }] }),
      grades: ['open', 'vouched', 'signed'],
    },
    { said: 'a revoked key', of: somebody({ keys: [{ id: 'k', public: KEY, revoked }] }), grades: ['open'] },
    { said: 'an identity', of: somebody({ identities: [IDENTITY] }), grades: ['open', 'vouched'] },
    {
      said: 'an identity that no door has a method for',
      of: somebody({ identities: [{ ...IDENTITY, method: 'saml' }] }),
      grades: ['open'],
    },
    {
      said: 'an identity and no door',
      of: somebody({ identities: [IDENTITY] }, { doors: [] }),
      grades: ['open'],
    },
    { said: 'a passkey', of: somebody({ keys: [PASSKEY] }), grades: ['open', 'vouched', 'signed'] },
    {
      said: 'a passkey that may be copied, where those are refused',
      of: somebody({ keys: [PASSKEY] }, { passkeys: { synced: 'refuse' } }),
      grades: ['open'],
    },
    {
      said: 'a passkey that may not',
      of: somebody({ keys: [{ ...PASSKEY, backupEligible: false }] }, { passkeys: { synced: 'refuse' } }),
      grades: ['open', 'vouched', 'signed'],
    },
  ])('$said', ({ of, grades }) => {
    for (const name of ['ana', 'a.meier'])
      expect(GRADES.filter((grade) => mayReach(of, name, grade, occasion))).toEqual(grades);
    expect(maySign(of, 'ana')).toBe(grades.includes('signed'));
    expect(GRADES.filter((grade) => mayReach(of, 'eve', grade, occasion))).toEqual(['open']);
  });

  it('beyond what the door may say an identity is not enough', () => {
    const of = somebody({ identities: [IDENTITY], keys: [{ id: 'k', public: KEY, revoked }] });
    expect(mayReach(of, 'ana', 'vouched', occasion)).toBe(true);
    expect(mayReach(of, 'ana', 'vouched', { ...occasion, confirmation: 'VERIFY' })).toBe(false);
    expect(mayReach(of, 'ana', 'vouched', { ...occasion, risk: 'high' })).toBe(false);
  });
});
