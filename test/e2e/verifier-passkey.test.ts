/** A record that a person has signed with a passkey, by both verifiers: what it signed is believed, and nothing else. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { canonical } from '../../src/domain/digest';
import { openProofs } from '../../src/domain/proofs';
import { signedText } from '../../src/domain/signed-text';
import { signs } from '../../src/providers/reviewers/proof';
import type { AuditRecord } from '../../src/store/audit-store';
import { ROOT, temporaryDirectory } from '../support/app';
import { assertionOf, testPasskey, UP, type Bent } from '../support/passkey';
import { python } from '../support/python';
import { at, gateOf, PROPOSED, rootOf, told } from '../support/signed-record';

jest.setTimeout(600_000); // the first time, the packages are fetched

const PASSKEY = testPasskey(-7);
const DIRECTORY = { deployment: 'prod', people: [{ name: 'ana', keys: [PASSKEY.entry] }] };
let interpreter: string;

beforeAll(async () => {
  interpreter = await python();
});

function chain(
  bent: Bent = {},
  expires = at(9),
  change: object = {},
  at0 = at(0),
  id = 'touched',
): AuditRecord[] {
  const gate = gateOf({ root: rootOf(id), directory: DIRECTORY });
  const decision = gate.said('ana');
  const life = { issued: at0, expires };
  const text = signedText('decision', { ...gate.where, decision, signer: PASSKEY.entry.id, ...life });
  const signature = { key: PASSKEY.entry.id, ...life, ...assertionOf(PASSKEY, text, bent) };
  const decided = gate.decided({ ...decision, signature, ...change }, 'signed');
  return told(gate.chain, PROPOSED, gate.opened(), decided, gate.approved(['ana']));
}

/** Whether it holds, and what is remarked of it. */
type Said = readonly [holds: boolean, ...remarks: string[]];

function ours(...chains: AuditRecord[][]): Said {
  const proofs = openProofs({
    ...{
      directories: [DIRECTORY],
      deployment: 'prod',
      floor: 'signed',
      workers: [],
    },
    ...{ isKnown: () => true, signs },
  });
  for (const rows of chains) proofs.hear(rows);
  const remarks = proofs
    .remarks()
    .map(({ workflowId, firstRunId, message }) => `${workflowId} (${firstRunId}): ${message}`);
  return [proofs.faults().length === 0, ...remarks];
}

function inPython(...chains: AuditRecord[][]): Said {
  const directory = temporaryDirectory();
  try {
    const files = ['record.jsonl', 'reviewers.json'].map((name) => path.join(directory.path, name));
    const lines = chains
      .flat()
      .map(({ workflowId, firstRunId, ...row }) =>
        JSON.stringify({ workflow_id: workflowId, first_run_id: firstRunId, ...row }),
      );
    writeFileSync(files[0]!, lines.map((line) => `${line}\n`).join(''));
    writeFileSync(files[1]!, canonical(DIRECTORY));
    const script = path.join(ROOT, 'examples', 'verifier', 'verify.py');
    const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1', PYTHONUTF8: '1' };
    const args = [script, files[0]!, '--directory', files[1]!];
    const { status, stdout, stderr } = spawnSync(interpreter, args, { encoding: 'utf8', env });
    expect(stderr).toBe('');
    expect(stdout).toMatch(status === 0 ? /: hold\n$/ : /: DO NOT HOLD\n$/);
    const remarks = stdout.split('\n').filter((line) => line.startsWith('remark: '));
    return [status === 0, ...remarks.map((line) => line.slice('remark: '.length))];
  } finally {
    directory.remove();
  }
}

it.each<[string, AuditRecord[], boolean]>([
  ['as it was signed', chain(), true],
  ['with nobody present', chain({ flags: 0 }), false],
  ['with nobody verified', chain({ flags: UP }), false],
  ['with the challenge of another text', chain({ challenge: 'a'.repeat(43) }), false],
  ['at another origin', chain({ origin: 'https://approve.example.org' }), false],
  ['for longer than ten minutes', chain({}, at(11)), false],
  ['another decision', chain({}, at(9), { comment: 'more' }), false],
])('%s', (_, rows, holds) => {
  expect([ours(rows), inPython(rows)]).toEqual([[holds], [holds]]);
});

it('a counter that goes back is remarked, and nothing is refused for it; whoever did not sign is not counted', () => {
  const signed = (id: string, minute: number, signCount: number, more: Bent = {}) =>
    chain({ signCount, ...more }, at(minute + 9), {}, at(minute), id);
  const record = [
    signed('later', 3, 6),
    signed('first', 0, 7),
    signed('next', 1, 8),
    signed('not-hers', 2, 2, { flags: 0 }),
  ];
  const remark =
    'later (run of later): entry 3: the passkey PK of ana counts 6 after 8: a counter that does not grow may speak of a copy of the key';
  const expected = [false, remark.replace('PK', PASSKEY.entry.id)];
  expect([ours(...record), inPython(...record)]).toEqual([expected, expected]);
  const [later, ...others] = record.slice(0, 3);
  expect(inPython(later!, ...others)).toEqual([true, expected[1]]);
  expect([ours(...others), inPython(...others)]).toEqual([[true], [true]]);
});
