/** Who people are: what a directory may say, and whom a name, a role or an agent leads to. */
import {
  Directory,
  holders,
  holdsKeys,
  hasRole,
  known,
  ownersOf,
  personOf,
} from '../../src/domain/reviewers';

const KEY = 'Bwf6/w4H0yBWJhFNVdyJtaK6DRUKCYxQpC9WvkRYZz4=';
const OTHER = `${'A'.repeat(42)}E=`;

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
