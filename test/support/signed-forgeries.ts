/** Records that hold as chains and that nobody of those whom they name has signed: what somebody makes up who can write the record. */
import type { Grade } from '../../src/domain/grade';
import type { AuditRecord } from '../../src/store/audit-store';
import { canonical, sha256Hex } from '../../src/domain/digest';
import {
  DIRECTORY,
  gateOf,
  PROPOSED,
  rootOf,
  signature,
  told,
  vouch,
  WITH_DOOR,
  type Gate,
} from './signed-record';

export interface Forgery {
  readonly said: string;
  readonly chains: () => AuditRecord[][];
  /** What is said of it. */
  readonly says: string;
  readonly directory?: object;
  readonly floor?: Grade;
}

type Fields = Record<string, unknown>;
type Made = ReturnType<typeof gateOf>;

/** One gate with that decision, approved by ana and executed. */
function around(decision: (gate: Made) => Fields, more: Partial<Gate> = {}): () => AuditRecord[][] {
  return () => {
    const gate = gateOf({ root: rootOf('forged'), ...more });
    return [
      told(
        gate.chain,
        ...[PROPOSED, gate.opened(), decision(gate), gate.approved(['ana']), gate.executed(), gate.closed()],
      ),
    ];
  };
}

const signedElsewhere = (change: Fields) => (gate: Made) => {
  const decision = gate.said('ana');
  return gate.decided(
    { ...decision, signature: signature({ ...gate.where, ...change }, decision, 'ana') },
    'signed',
  );
};
const NOT_THERE = 'it is not what the key ana-1 signed there';
const NOBODYS =
  'approved in the name of ana, of whom no decision on it is on record that is signed and holds';

const withKeys = (more: Fields) => ({
  ...DIRECTORY,
  people: DIRECTORY.people.map((one) =>
    'keys' in one ? { ...one, keys: one.keys.map((key) => ({ ...key, ...more })) } : one,
  ),
});

const vouched = (more: Fields, by?: 'rogue'): Omit<Forgery, 'said' | 'says'> => ({
  chains: around(
    (gate) => {
      const decision = gate.said('ana');
      return gate.decided({ ...decision, vouch: vouch(gate.where, decision, more, by) }, 'vouched');
    },
    { policy: { authentication: 'vouched' }, directory: WITH_DOOR },
  ),
  directory: WITH_DOOR,
  floor: 'vouched',
});

const effect =
  (executed: (gate: Made) => Fields): (() => AuditRecord[][]) =>
  () => {
    const gate = gateOf({ root: rootOf('forged') });
    return [
      told(
        gate.chain,
        ...[PROPOSED, gate.opened(), gate.bySignature('ana'), gate.approved(['ana']), executed(gate)],
      ),
    ];
  };

export const FORGERIES: readonly Forgery[] = [
  {
    said: 'signed by somebody else under her key’s id',
    chains: around((gate) => {
      const decision = gate.said('ana');
      return gate.decided(
        { ...decision, signature: signature(gate.where, decision, 'mallory', { key: 'ana-1' }) },
        'signed',
      );
    }),
    says: NOT_THERE,
  },
  {
    said: 'signed by somebody else with a key of his own',
    chains: around((gate) => {
      const decision = gate.said('ana');
      return gate.decided({ ...decision, signature: signature(gate.where, decision, 'bo') }, 'signed');
    }),
    says: 'the directory lists no key bo-1 for ana',
  },
  {
    said: 'in the name of nobody',
    chains: around((gate) => gate.bySignature('rogue')),
    says: 'the directory knows nobody of that name',
  },
  {
    said: 'signed for another deployment',
    chains: around(signedElsewhere({ deployment: 'test' })),
    says: NOT_THERE,
  },
  { said: 'signed for another gate', chains: around(signedElsewhere({ gate: 'other' })), says: NOT_THERE },
  {
    said: 'signed for another level',
    chains: around(signedElsewhere({ level: 'MANAGER' })),
    says: NOT_THERE,
  },
  {
    said: 'signed for another run',
    chains: around(signedElsewhere({ root: rootOf('other') })),
    says: NOT_THERE,
  },
  {
    said: 'a comment that was made an approval',
    chains: around((gate) => {
      const { decision } = gate.bySignature('ana', { verdict: 'comment', comment: 'no' }) as {
        decision: Fields;
      };
      return gate.decided({ ...decision, verdict: 'approve' }, 'signed');
    }),
    says: NOT_THERE,
  },
  {
    said: 'nothing stands on it',
    chains: around((gate) => gate.decided(gate.said('ana'), 'signed')),
    says: 'nothing stands on it that makes it signed',
  },
  {
    said: 'her rejection',
    chains: around((gate) => gate.bySignature('ana', { verdict: 'reject' })),
    says: NOBODYS,
  },
  {
    said: 'her approval of another revision',
    chains: around((gate) => gate.bySignature('ana', { digest: 'f'.repeat(64) })),
    says: NOBODYS,
  },
  {
    said: 'a name that was believed',
    chains: around((gate) => gate.decided(gate.said('ana'), 'open')),
    says: NOBODYS,
  },
  {
    said: 'a policy that believes names, beside a directory that holds keys',
    chains: around((gate) => gate.decided(gate.said('ana'), 'open'), {
      policy: { authentication: 'open' },
      directory: null,
    }),
    says: NOBODYS,
  },
  {
    said: 'nobody',
    chains: () => {
      const gate = gateOf({ root: rootOf('forged') });
      return [told(gate.chain, PROPOSED, gate.opened(), gate.approved([]))];
    },
    says: 'approved by 0, where 1 have to',
  },
  {
    said: 'one where two have to',
    chains: around((gate) => gate.bySignature('ana'), { policy: { levels: [{ name: 'HUMAN', quorum: 2 }] } }),
    says: 'approved by 1, where 2 have to',
  },
  {
    said: 'one person twice where two have to',
    chains: () => {
      const gate = gateOf({ root: rootOf('forged'), policy: { levels: [{ name: 'HUMAN', quorum: 2 }] } });
      return [
        told(
          gate.chain,
          PROPOSED,
          gate.opened(),
          gate.bySignature('ana'),
          gate.approved(['ana', 'ana@example.com']),
        ),
      ];
    },
    says: 'approved by 1, where 2 have to',
  },
  {
    said: 'vouched for where one signature has to be there',
    chains: around((gate) => gate.byVouch(), {
      policy: { authentication: 'vouched', levels: [{ name: 'HUMAN', signedAtLeast: 1 }] },
      directory: WITH_DOOR,
    }),
    says: "with 0 signatures of people's own, where 1 have to be",
    directory: WITH_DOOR,
    floor: 'vouched',
  },
  {
    said: 'an edit that she did not make',
    chains: () => {
      const gate = gateOf({ root: rootOf('forged') });
      const args = { to: 'mallory', amount: 7 };
      const revised = {
        type: 'revised',
        gate: 'main',
        revision: 2,
        digest: gate.digest(2, args),
        by: 'ana',
        args,
      };
      return [told(gate.chain, PROPOSED, gate.opened(), revised, gate.approved(['ana'], {}, 2, args))];
    },
    says: NOBODYS,
  },
  {
    said: 'with a key that was revoked before',
    chains: around((gate) => gate.bySignature('ana')),
    directory: withKeys({ revoked: '2026-03-02T09:00:00.000Z' }),
    says: 'the key ana-1 was revoked at 2026-03-02T09:00:00.000Z',
  },
  {
    said: 'with a key that was not good yet',
    chains: around((gate) => gate.bySignature('ana')),
    directory: withKeys({ from: '2026-03-03T09:00:00.000Z' }),
    says: 'the key ana-1 is good from 2026-03-03T09:00:00.000Z on',
  },
  {
    said: 'with a key that was good before',
    chains: around((gate) => gate.bySignature('ana')),
    directory: withKeys({ until: '2026-03-01T09:00:00.000Z' }),
    says: 'the key ana-1 was good until 2026-03-01T09:00:00.000Z',
  },
  {
    said: 'signed for longer than a day',
    chains: around((gate) => gate.bySignature('ana', {}, { expires: '2026-03-04T09:00:00.000Z' })),
    says: 'which is no life of such a signature',
  },
  {
    said: 'signed later than it was recorded',
    chains: around((gate) =>
      gate.bySignature(
        'ana',
        {},
        { issued: '2026-03-02T10:00:00.000Z', expires: '2026-03-02T11:00:00.000Z' },
      ),
    ),
    says: 'which is no life of such a signature',
  },
  {
    said: 'a directory that is none of those given',
    chains: around((gate) => gate.bySignature('ana'), { directory: { people: [{ name: 'ana' }] } }),
    says: 'its gate goes by a directory that none of those given is a version of',
  },
  {
    said: 'a vouch by somebody with another key',
    ...vouched({}, 'rogue'),
    says: "it is not what the door's key page-1 signed there",
  },
  { said: 'a vouch for another person', ...vouched({ person: 'bo' }), says: 'it vouches for bo' },
  {
    said: 'a vouch by an identity that is not hers',
    ...vouched({ subject: 'u-bo' }),
    says: 'that is no identity of ana',
  },
  {
    said: 'a vouch by a method that the door does not have',
    ...vouched({ method: 'token' }),
    says: 'that is no identity of ana',
  },
  {
    said: 'a vouch by a door that nobody knows',
    ...vouched({ door: 'window' }),
    says: 'the directory lists no key page-1 for the door window',
  },
  {
    said: 'a vouch for longer than five minutes',
    ...vouched({ expires: '2026-03-02T09:07:00.000Z' }),
    says: 'which is no life of such a signature',
  },
  {
    said: 'an effect that was not approved',
    chains: effect((gate) => ({ ...gate.executed(), key: 'f'.repeat(64) })),
    says: 'an effect under a key that was not approved before',
  },
  {
    said: 'an effect without a receipt',
    chains: effect((gate) => ({ ...gate.executed(), receipt: undefined })),
    says: 'an effect without a receipt',
  },
  {
    said: 'a receipt by a worker that nobody knows',
    chains: effect((gate) => gate.executed({}, 'rogue')),
    says: "its receipt is signed with the key rogue-1, which is no worker's",
  },
  {
    said: 'a receipt by somebody under a worker’s key',
    chains: effect((gate) => gate.executed({ signer: 'worker-1' }, 'rogue')),
    says: 'its receipt is not what the key worker-1 signed',
  },
  {
    said: 'a receipt of another result',
    chains: effect((gate) => ({ ...gate.executed(), result: 'f'.repeat(64) })),
    says: 'its receipt is for another effect, or another result',
  },
  {
    said: 'a receipt of another effect',
    chains: effect((gate) => gate.executed({ effectKey: 'f'.repeat(64) })),
    says: 'its receipt is for another effect, or another result',
  },
  {
    said: 'a receipt by a judgement under another directory',
    chains: effect((gate) => gate.executed({ directory: sha256Hex(canonical({ people: [] })) })),
    says: 'it was judged by a directory that none of those given is a version of',
  },
];
