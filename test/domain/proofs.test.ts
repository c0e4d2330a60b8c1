/** What people have signed, beside what the record says of them: a record that was made up by whoever can write it is not believed. */
import { canonical, sha256Hex } from '../../src/domain/digest';
import type { Grade } from '../../src/domain/grade';
import { directoryHash, isVersionOf, type ProofDirectory } from '../../src/domain/proof-keys';
import { openProofs } from '../../src/domain/proofs';
import { signs } from '../../src/providers/reviewers/proof';
import type { AuditRecord } from '../../src/store/audit-store';
import { faultIn } from '../support/chain';
import { FORGERIES } from '../support/signed-forgeries';
import {
  DIRECTORY,
  gateOf,
  honest,
  PROPOSED,
  rootOf,
  told,
  vouch,
  WITH_DOOR,
} from '../support/signed-record';

interface How {
  readonly directories?: readonly object[];
  readonly floor?: Grade;
  readonly believedUntil?: string;
}

function proven(
  chains: readonly AuditRecord[][],
  { directories = [DIRECTORY], floor = 'signed', believedUntil }: How = {},
) {
  const given = directories as ProofDirectory[];
  const hashes = [DIRECTORY, WITH_DOOR].map((one) => directoryHash(one));
  const proofs = openProofs({
    ...{ directories: given, deployment: 'prod', floor, believedUntil, workers: [], signs },
    isKnown: (hash) => hashes.includes(String(hash)),
  });
  for (const rows of chains) proofs.hear(rows);
  return {
    said: proofs.faults().map(({ workflowId, message }) => `${workflowId} ${message}`),
    ...proofs.figures(),
  };
}

it('where nobody has forged anything all of it is proven, and counted by what it stands on', () => {
  for (const rows of honest()) expect(faultIn(rows[0]!, rows)).toBeUndefined();
  expect(proven(honest())).toEqual({
    said: [],
    decisions: { signed: 5, vouched: 0, open: 0 },
    approvals: { signed: 4, vouched: 0, open: 0, consent: 1 },
    receipts: { held: 4, none: 1 },
    late: 0,
  });
});

it.each(FORGERIES)('$said: $says', ({ chains, says, directory = DIRECTORY, floor }) => {
  const made = chains();
  for (const rows of made) expect(faultIn(rows[0]!, rows)).toBeUndefined(); // the chain alone does not tell
  const found = proven(made, { directories: [directory], floor: floor ?? 'signed' });
  expect(found.said.some((one) => one.includes(says))).toBe(true);
});

describe('a front door', () => {
  const root = rootOf('vouched');
  const policy = { authentication: 'vouched' };
  const gate = gateOf({ root, policy, directory: WITH_DOOR });
  const chain = (decision: object) =>
    told(
      root,
      PROPOSED,
      gate.opened(),
      decision as never,
      gate.approved(['ana']),
      gate.executed(),
      gate.closed(),
    );

  it('has vouched for the person: proven as far', () => {
    expect(proven([chain(gate.byVouch())], { directories: [WITH_DOOR], floor: 'vouched' })).toMatchObject({
      said: [],
      decisions: { vouched: 1 },
      approvals: { vouched: 1, signed: 0 },
    });
  });

  it('vouches for less than a policy asks', () => {
    const strict = gateOf({ root, directory: WITH_DOOR });
    const rows = told(root, PROPOSED, strict.opened(), strict.byVouch(), strict.approved(['ana']));
    expect(proven([rows], { directories: [WITH_DOOR], floor: 'vouched' }).said).toEqual([
      'vouched entry 4: approved in the name of ana, of whom no decision on it is on record that is signed and holds',
    ]);
  });

  it('beside a signature both must hold', () => {
    const decision = gate.said('ana');
    const both = gate.bySignature('ana')['decision'] as Record<string, unknown>;
    const forged = { ...both, vouch: vouch(gate.where, { ...decision, id: 'another' }) };
    expect(
      proven([chain(gate.decided(forged, 'signed'))], { directories: [WITH_DOOR], floor: 'vouched' }).said,
    ).toContainEqual(expect.stringContaining("it is not what the door's key page-1 signed there"));
  });
});

it('an alias is the same person', () => {
  const gate = gateOf({ root: rootOf('alias') });
  const decision = gate.said('ana@example.com');
  const own = gate.bySignature('ana', { reviewer: 'ana@example.com', id: decision['id'] });
  const rows = told(gate.chain, PROPOSED, gate.opened(), own, gate.approved(['ana@example.com']));
  expect(proven([rows])).toMatchObject({ said: [], approvals: { signed: 1 } });
});

it('names that were believed are counted before a time that is given, and refused after it', () => {
  const gate = gateOf({ root: rootOf('before'), policy: { authentication: 'open' }, directory: null });
  const rows = told(
    gate.chain,
    PROPOSED,
    gate.opened(),
    gate.decided(gate.said('ana'), 'open'),
    gate.approved(['ana']),
  );
  expect(proven([rows], { believedUntil: '2026-03-03T00:00:00.000Z' })).toMatchObject({
    said: [],
    approvals: { open: 1 },
    decisions: { open: 1 },
  });
  for (const believedUntil of [undefined, '2026-03-02T09:04:00.000Z'])
    expect(proven([rows], believedUntil === undefined ? {} : { believedUntil }).said).toHaveLength(1);
});

it('a signature that was recorded after its time is counted: when it was received is not on record', () => {
  const gate = gateOf({ root: rootOf('late') });
  const life = { expires: '2026-03-02T09:02:00.000Z' };
  const rows = told(
    gate.chain,
    PROPOSED,
    gate.opened(),
    gate.bySignature('ana', {}, life),
    gate.approved(['ana']),
  );
  expect(proven([rows])).toMatchObject({ said: [], late: 1 });
});

it('along a fork each branch is judged by what stands before it', () => {
  const gate = gateOf({ root: rootOf('fork') });
  const shared = [PROPOSED, gate.opened()];
  const trunk = told(gate.chain, ...shared, gate.bySignature('ana'), gate.approved(['ana']), gate.executed());
  const branch = told(gate.chain, ...shared, gate.decided(gate.said('ana'), 'signed'));
  const rows = [...trunk, branch[2]!].sort((a, b) => a.seq - b.seq);
  expect(proven([rows]).said).toEqual([
    'fork entry 3: the decision ana-1 in the name of ana is not proven: nothing stands on it that makes it signed',
  ]);
});

it('of several directories one that proves it is enough', () => {
  const later = { ...DIRECTORY, people: DIRECTORY.people.slice(1) };
  expect(proven(honest(), { directories: [later] }).said).not.toEqual([]);
  expect(proven(honest(), { directories: [later, DIRECTORY] }).said).toEqual([]);
});

it.each<[string, object, boolean]>([
  ['itself', DIRECTORY, true],
  ['with fewer people', { ...DIRECTORY, people: DIRECTORY.people.slice(0, 1) }, true],
  [
    'before a key was revoked',
    {
      people: DIRECTORY.people.map((one) =>
        'keys' in one
          ? { ...one, keys: one.keys.map((key) => ({ ...key, from: '2026-01-01T00:00:00Z' })) }
          : one,
      ),
    },
    true,
  ],
  ['with another key of ana’s', { people: [{ name: 'ana', keys: [{ id: 'ana-1', public: 'x' }] }] }, false],
  ['with ana’s key in bo’s name', { people: [{ ...DIRECTORY.people[0], name: 'bo' }] }, false],
  ['with a person’s key as a worker’s', { people: [], workers: [DIRECTORY.people[0]] }, false],
  ['with somebody more', { people: [{ name: 'eve', keys: [{ id: 'eve-1', public: 'x' }] }] }, false],
])('a version of a directory: %s', (_, recorded, is) => {
  expect(isVersionOf(recorded as ProofDirectory, [DIRECTORY as ProofDirectory])).toBe(is);
});

it('a directory is named by its canonical JSON', () => {
  expect(directoryHash(DIRECTORY as ProofDirectory)).toBe(sha256Hex(canonical(DIRECTORY)));
});
