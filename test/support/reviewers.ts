/** People with keys, for tests of signed decisions: a directory, and a way to sign as any of them, rightly or not. */
import type { Decision } from '../../src/domain/gate/decision';
import type { Packet } from '../../src/domain/packet';
import type { PasskeyEntry } from '../../src/domain/passkey';
import type { Directory, Door, ReviewerKey } from '../../src/domain/reviewers';
import type { Vouch, Where } from '../../src/domain/gate/signature';
import { generateKey, sign, vouch, type KeyPair } from '../../src/signing';

export const MINUTE = 60_000;
const pairs = new Map<string, KeyPair>();

/** One key pair a name, made when it is first asked for. */
export function pair(name: string): KeyPair {
  const made = pairs.get(name) ?? generateKey();
  pairs.set(name, made);
  return made;
}

const key = (id: string, more: Partial<ReviewerKey> = {}): ReviewerKey => ({
  id,
  public: pair(id).public,
  ...more,
});

/** ana and bo review, mo manages, rita asks, olaf answers for the agent svc-orders, dee stands in. */
export const DIRECTORY: Directory = {
  people: [
    {
      name: 'ana',
      aliases: ['ana@example.com'],
      roles: ['security'],
      keys: [
        key('ana-1'),
        key('ana-revoked', { revoked: '2026-01-01T00:00:00.000Z' }),
        key('ana-old', { until: '2026-01-01T00:00:00.000Z' }),
        key('ana-next', { from: '2126-01-01T00:00:00.000Z' }),
      ],
    },
    { name: 'bo', roles: ['security', 'qa'], keys: [key('bo-1')] },
    { name: 'cy', roles: ['qa'], keys: [key('cy-1')] },
    { name: 'mo', roles: ['manager'], keys: [key('mo-1')] },
    { name: 'rita', aliases: ['rita@example.com'], keys: [key('rita-1')] },
    { name: 'olaf', keys: [key('olaf-1')] },
    { name: 'dee', keys: [key('dee-1')] },
  ],
  agents: [{ name: 'rita', owners: ['olaf'] }],
};

/** Where it is signed, and what was read there. */
export interface Place {
  readonly workflowId: string;
  readonly firstRunId: string;
  readonly gate: string;
  readonly level: string;
  /** @default the namespace of the tests' servers */
  readonly deployment?: string | undefined;
  readonly shown?: string | undefined;
}

export function placeOf({ root, gate, level, deployment, shown }: Packet): Place {
  return { ...root!, gate, level: level!, deployment, shown };
}

/** ana and bo, whom the front door `web` knows, cy with a passkey, and keys of ana's and of the door's. */
export function withDoor(passkey: PasskeyEntry, door: Partial<Door> = {}): Directory {
  const known = (name: string) => ({
    name,
    identities: [{ method: 'oidc', issuer: 'https://id.example', subject: name }],
  });
  return {
    people: [
      { ...known('ana'), keys: [key('ana-1')] },
      known('bo'),
      { name: 'cy', keys: [passkey] },
      { name: 'rita' },
    ],
    doors: [{ name: 'web', methods: ['oidc'], keys: [key('web-1')], ...door }],
  };
}

/** With the front door's vouch for its reviewer. @param change of the words that the door signs; `by` is whose key does it */
export function vouched(
  decision: Decision,
  place: Place,
  { by = 'web-1', ...change }: Partial<Vouch> & { readonly by?: string } = {},
): Decision {
  const now = Date.now();
  const { reviewer } = decision;
  const words = {
    ...{ door: 'web', key: 'web-1', person: reviewer, method: 'oidc', issuer: 'https://id.example' },
    ...{ subject: reviewer, authTime: new Date(now - MINUTE).toISOString(), session: 'b'.repeat(64) },
    issued: new Date(now - 1_000).toISOString(),
    expires: new Date(now + 4 * MINUTE).toISOString(),
    ...change,
  };
  const { shown } = place;
  return vouch(
    { ...(shown === undefined ? {} : { shown }), ...decision },
    whereOf(place),
    words,
    pair(by).private,
  );
}

/** As the signed text has it. */
export function whereOf({ deployment = 'default', gate, level, workflowId, firstRunId }: Place): Where {
  return { deployment, root: { workflowId, firstRunId }, gate, level };
}

/** `issued` and `expires` are milliseconds from now. */
export interface SignedAs {
  readonly keyId?: string;
  /** Whose private key signs, where it is not that of `keyId`. */
  readonly by?: string;
  readonly issued?: number;
  readonly expires?: number;
}

/** With the hash of what was read there, unless the decision names one. */
export function signed(decision: Decision, place: Place, as: SignedAs = {}): Decision {
  const { shown } = place;
  const where = whereOf(place);
  const { keyId = `${decision.reviewer}-1`, by = keyId, issued = -1_000, expires = 10 * MINUTE } = as;
  return sign({ ...(shown === undefined ? {} : { shown }), ...decision }, where, {
    keyId,
    privateKeyPem: pair(by).private,
    issued: new Date(Date.now() + issued),
    expires: new Date(Date.now() + expires),
  });
}
