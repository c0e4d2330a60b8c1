/** `countersign sign`: what it prints is good at that gate and nowhere else; whatever it cannot stand for it does not sign. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Decision } from '../../src/domain/gate/decision';
import { packetOf } from '../../src/domain/packet';
import type { Directory } from '../../src/domain/reviewers';
import { signatureFault, type Where } from '../../src/domain/gate/signature';
import { verifies } from '../../src/providers/reviewers/verify';
import { privateKeyFile } from '../../src/signing';
import { ARGS, policy } from '../domain/given';
import { cli, type Answer } from '../support/cli-person';
import { fakeTemporal } from '../support/fake-temporal';
import { testKey } from '../support/reviewer-keys';

const folder = mkdtempSync(join(tmpdir(), 'countersign-sign-'));
const inside = (name: string) => join(folder, name);
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const ANA = testKey(1);
const DIRECTORY: Directory = {
  people: [{ name: 'ana', keys: [{ id: 'ana-1', public: ANA.public }] }, { name: 'bo' }],
};
const KEY = inside('ana.pem');
const SECRET = 'correct horse';
writeFileSync(KEY, privateKeyFile({ privateKeyPem: ANA.pem, keyId: 'ana-1' }), { mode: 0o600 });
writeFileSync(inside('nameless.pem'), ANA.pem, { mode: 0o600 });
writeFileSync(
  inside('encrypted.pem'),
  ANA.key.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: SECRET }),
  { mode: 0o600 },
);

const SIGNED = policy({ approvers: { people: ['ana', 'bo'] } }, { authentication: 'signed' });
const temporal = fakeTemporal();
const GATE = temporal.open('refund-1', { policy: SIGNED, reviewers: DIRECTORY });
const VERIFY = temporal.open('refund-2', {
  policy: policy({}, { authentication: 'signed', confirmation: 'VERIFY', phrase: 'REFUND A-4711' }),
  reviewers: DIRECTORY,
});
temporal.open('refund-3');
const UNDO = { action: 'refund', args: { order: 'A-4711', amount: -20 } };
const STEP = temporal.open('refund-4', { policy: SIGNED, reviewers: DIRECTORY, setUp: { undo: UNDO } });
const PACKET = packetOf(GATE);
const DIGEST = GATE.digest;
const at = (workflowId: string): Where => ({
  deployment: 'test',
  root: { workflowId, firstRunId: 'run-1' },
  gate: 'main',
  level: 'HUMAN',
});
const WHERE = at('refund-1');

function sign(argv: readonly string[], answers?: readonly Answer[], env: NodeJS.ProcessEnv = {}) {
  const person = { data: folder, env, ...(answers === undefined ? {} : { answers }) };
  return cli(temporal, ['sign', ...argv], person);
}
/** An approval by ana, but for what is said otherwise. */
const approve = (...more: string[]) => [
  'refund-1',
  ...['--verdict', 'approve', '--reviewer', 'ana', '--key', KEY].filter(
    (_, index, all) => !more.includes(all[index - (index % 2)] ?? ''),
  ),
  ...more,
];

function good(out: string, where = WHERE): Decision {
  expect(out).toMatch(/^\{[\x20-\x7e]*\}\n$/);
  const decision = JSON.parse(out) as Decision;
  expect(verifies(DIRECTORY, where, decision)).toBe(true);
  expect(signatureFault(DIRECTORY, decision, Date.now())).toBeUndefined();
  return decision;
}

describe('without a terminal', () => {
  it('prints one line that is good at that gate, and sends nothing', async () => {
    const { code, out, err } = await sign(approve('--digest', DIGEST));
    expect(code).toBe(0);
    const { signature, ...decision } = good(out);
    expect(decision).toEqual({
      v: 1,
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      digest: DIGEST,
      shown: GATE.status === 'open' ? GATE.shown : '',
      verdict: 'approve',
      reviewer: 'ana',
    });
    expect(signature?.key).toBe('ana-1');
    expect(Date.parse(signature?.expires ?? '') - Date.parse(signature?.issued ?? '')).toBe(15 * 60_000);
    expect(err).toMatch(
      /^Signed: approve by ana, with key ana-1\. Nothing was sent\.\nSend it as the signal decide of refund-1, before .+\.\n$/,
    );
    expect(temporal.gates.get('refund-1')).toBe(GATE);
    expect(verifies(DIRECTORY, at('refund-3'), JSON.parse(out) as Decision)).toBe(false);
  });

  it.each<[string, string[], Partial<Decision>]>([
    [
      'an edit',
      ['--verdict', 'edit', '--args', '{"order":"A-4711","amount":30}'],
      { verdict: 'edit', args: { ...ARGS, amount: 30 } },
    ],
    [
      'a rejection',
      ['--verdict', 'reject', '--comment', 'zu spät ‮'],
      { verdict: 'reject', comment: 'zu spät ‮' },
    ],
    [
      'an answer in words',
      ['--verdict', 'respond', '--answer', 'by hand'],
      { verdict: 'respond', answer: 'by hand' },
    ],
    [
      'an answer in JSON',
      ['--verdict', 'respond', '--answer', '{"refunded":20}'],
      { verdict: 'respond', answer: { refunded: 20 } },
    ],
    ['a delegation', ['--verdict', 'delegate', '--to', 'bo'], { verdict: 'delegate', to: 'bo' }],
    [
      'an extension',
      ['--verdict', 'extend', '--until', '2026-03-03T09:00Z'],
      { verdict: 'extend', until: '2026-03-03T09:00:00.000Z' },
    ],
    ['an id of one’s own, and a key of another name', ['--id', 'mine', '--key-id', 'ana-1'], { id: 'mine' }],
  ])('%s', async (_, more, says) => {
    const { out } = await sign(approve('--digest', DIGEST.slice(0, 12), ...more));
    expect(good(out)).toMatchObject(says);
  });

  it.each<[string, string[], number, string]>([
    ['no digest', [], 2, 'FLAG_MISSING: --digest is needed'],
    [
      'another digest',
      ['--digest', 'f'.repeat(64)],
      1,
      'STALE_REVISION: the digest is not one of this gate; revision 1 is open',
    ],
    ['the beginning of another', ['--digest', 'f'.repeat(12)], 1, 'STALE_REVISION: '],
    [
      'an edit without args',
      ['--digest', DIGEST, '--verdict', 'edit'],
      2,
      'FLAG_MISSING: --args is needed: edit is nothing without it',
    ],
    [
      'a response without an answer',
      ['--digest', DIGEST, '--verdict', 'respond'],
      2,
      'FLAG_MISSING: --answer is needed: respond is nothing without it',
    ],
    [
      'a rejection without a comment',
      ['--digest', DIGEST, '--verdict', 'reject'],
      2,
      'FLAG_MISSING: --comment is needed',
    ],
    [
      'a verdict that is none',
      ['--digest', DIGEST, '--verdict', 'aprove'],
      2,
      "error: option '--verdict <verdict>' argument 'aprove' is invalid",
    ],
    [
      'a verdict that is not offered',
      ['--digest', DIGEST, '--verdict', 'escalate', '--comment', 'x'],
      1,
      'VERDICT_NOT_OFFERED: the gate does not offer escalate',
    ],
    [
      'a reviewer that is none',
      ['--digest', DIGEST, '--reviewer', 'аna'],
      2,
      'MALFORMED_DECISION: reviewer: must be',
    ],
    [
      'a life of days',
      ['--digest', DIGEST, '--expires', '2 days'],
      2,
      'INVALID_INPUT: --expires takes a duration of at most 24 hours',
    ],
    [
      'a life of no length',
      ['--digest', DIGEST, '--expires', 'soon'],
      2,
      'INVALID_INPUT: --expires takes a duration of at most 24 hours',
    ],
    [
      'a key id that is none',
      ['--digest', DIGEST, '--key-id', ' '],
      2,
      'MALFORMED_DECISION: signature.key: must be',
    ],
    [
      'a key that does not say its id',
      ['--digest', DIGEST, '--key', inside('nameless.pem')],
      2,
      'FLAG_MISSING: --key-id is needed: ',
    ],
    [
      'a key that is not there',
      ['--digest', DIGEST, '--key', inside('none.pem')],
      1,
      `KEY_UNREADABLE: the key ${inside('none.pem')} is not there; nothing was signed`,
    ],
    [
      'an encrypted key',
      ['--digest', DIGEST, '--key', inside('encrypted.pem')],
      1,
      `KEY_ENCRYPTED: the key ${inside('encrypted.pem')} is encrypted, and there is no passphrase; nothing was signed`,
    ],
  ])('%s is refused, and nothing is printed', async (_, more, code, err) => {
    const said = await sign(approve(...more));
    expect(said).toMatchObject({ code, out: '' });
    expect(said.err).toContain(err);
  });

  it('what would take it back is signed with it', async () => {
    const { out } = await sign(['refund-4', ...approve('--digest', STEP.digest).slice(1)]);
    expect(good(out, at('refund-4')).digest).toBe(STEP.digest);
  });

  it('at VERIFY the phrase is needed', async () => {
    const argv = ['refund-2', ...approve('--digest', VERIFY.digest).slice(1)];
    expect((await sign(argv)).err).toContain('FLAG_MISSING: --phrase is needed');
    const { out } = await sign([...argv, '--phrase', 'REFUND A-4711']);
    expect(good(out, at('refund-2')).phrase).toBe('REFUND A-4711');
  });

  it.each<[string, string[], NodeJS.ProcessEnv, string]>([
    [
      'on another hash than is shown',
      ['--shown', 'e'.repeat(64)],
      {},
      'SHOWN_OTHERWISE: you were shown something else than this gate shows',
    ],
    [
      'for another deployment, by flag',
      ['--deployment', 'there'],
      {},
      'DEPLOYMENT_OTHERWISE: the gate of refund-1 is of the deployment test, and you sign for there; nothing was signed',
    ],
    [
      'for another deployment, by the environment',
      [],
      { COUNTERSIGN_DEPLOYMENT: 'there' },
      'DEPLOYMENT_OTHERWISE: the gate of refund-1 is of the deployment test, and you sign for there; nothing was signed',
    ],
  ])('%s nothing is signed', async (_, more, env, err) => {
    const said = await sign(approve('--digest', DIGEST, ...more), undefined, env);
    expect(said).toMatchObject({ code: 1, out: '' });
    expect(said.err).toContain(err);
  });

  it('for the deployment that is meant, and on the hash that was read, it is signed', async () => {
    const more = ['--shown', PACKET.shown ?? '', '--deployment', 'test'];
    const { out } = await sign(approve('--digest', DIGEST, ...more), undefined, {
      COUNTERSIGN_DEPLOYMENT: 'there',
    });
    expect(good(out).shown).toBe(PACKET.shown);
    expect(
      good((await sign(approve('--digest', DIGEST), undefined, { COUNTERSIGN_DEPLOYMENT: 'test' })).out),
    ).toBeDefined();
  });

  it('in open mode it says that nobody looks at the signature', async () => {
    const { code, err } = await sign([
      'refund-3',
      ...approve('--digest', temporal.gates.get('refund-3')!.digest).slice(1),
    ]);
    expect([code, err.split('\n')[0]]).toEqual([
      0,
      'This gate believes names: it does not look at signatures.',
    ]);
  });
});

describe('with the gate from elsewhere', () => {
  const nowhere = (packet: unknown, ...more: string[]) => {
    writeFileSync(inside('gate.json'), JSON.stringify(packet));
    return cli(
      fakeTemporal(),
      ['sign', ...approve('--digest', DIGEST, '--packet', `@${inside('gate.json')}`, ...more)],
      { data: folder },
    );
  };

  it('it is good where that gate is, and no server is asked', async () => {
    expect(good((await nowhere(PACKET)).out).verdict).toBe('approve');
  });

  it.each<[string, unknown, string]>([
    [
      'of another workflow',
      { ...PACKET, workflowId: 'refund-3' },
      'INVALID_INPUT: --packet is of refund-3, not of refund-1',
    ],
    [
      'with what would be passed over',
      JSON.parse(`{"v":1,"proposal":{"args":{"__proto__":{"amount":1}}}}`),
      'INVALID_INPUT: --packet is not the gate as show prints it: the payload has a key named __proto__',
    ],
    ['that is none', [], 'INVALID_INPUT: --packet is not the gate as show prints it: expected object'],
    [
      'with more in it',
      { ...PACKET, allowed: true },
      'INVALID_INPUT: --packet is not the gate as show prints it: allowed: unknown key',
    ],
    [
      'that shows other args',
      { ...PACKET, proposal: { ...PACKET.proposal, args: { ...ARGS, amount: 4 } } },
      'DIGEST_MISMATCH: the gate of refund-1 shows something else than its digest stands for; nothing was signed',
    ],
    [
      'that shows another action',
      { ...PACKET, proposal: { ...PACKET.proposal, action: 'answer' } },
      'DIGEST_MISMATCH: ',
    ],
    [
      'that shows what would take it back, and is not signed with it',
      { ...PACKET, undo: UNDO },
      'DIGEST_MISMATCH: ',
    ],
    ...(
      [
        ['title', { proposal: { ...PACKET.proposal, title: 'Refund 4 EUR' } }],
        ['requester', { requester: 'svc' }],
        ['proof of its requester', { requesterProof: 'signed' }],
        ['proposer', { by: 'ana' }],
        ['policy', { policy: policy({}, { authentication: 'signed' }) }],
        ['level', { level: 'MANAGER' }],
        ['risk', { risk: 'low' }],
        ['preview', { preview: { rows: 0 } }],
        ['plan', { plan: { onReject: 'stop', at: 0, steps: [] } }],
        ['callback', { callback: 'https://evil.example' }],
        ['hash', { shown: 'e'.repeat(64) }],
      ] satisfies [string, object][]
    ).map(([what, change]): [string, unknown, string] => [
      `that shows another ${what}`,
      { ...PACKET, ...change },
      'SHOWN_OTHERWISE: the gate of refund-1 shows something else than its hash stands for; nothing was signed',
    ]),
    ['that does not say what it shows', { ...PACKET, shown: undefined }, 'SHOWN_OTHERWISE: '],
    ['that does not say how risky it is', { ...PACKET, risk: undefined }, 'SHOWN_OTHERWISE: '],
    ['that does not say who proposed it', { ...PACKET, by: undefined }, 'SHOWN_OTHERWISE: '],
    [
      'that does not say of which deployment it is',
      { ...PACKET, deployment: undefined },
      'DEPLOYMENT_OTHERWISE: the gate of refund-1 does not say of which deployment it is',
    ],
    [
      'that is bound to another workflow',
      { ...PACKET, root: { ...PACKET.root, workflowId: 'refund-3' } },
      'ROOT_OTHERWISE: refund-1 shows the gate of another workflow, refund-3; read that one, and decide there; nothing was signed',
    ],
    ['of another run', { ...PACKET, root: { ...PACKET.root, firstRunId: 'run-2' } }, 'DIGEST_MISMATCH: '],
    ['of another revision', { ...PACKET, revision: 2 }, 'DIGEST_MISMATCH: '],
    [
      'that does not say what it is bound to',
      { ...PACKET, root: undefined },
      'GATE_CLOSED: nothing is open to sign: open',
    ],
    [
      'that waits for a level',
      { ...PACKET, status: 'waiting', waitingOn: 'refund-1/MANAGER', verdicts: [] },
      'ASK_CHILD: the level HUMAN is asked; decide on the workflow refund-1/MANAGER',
    ],
    [
      'that is closed',
      { ...PACKET, status: 'closed', outcome: 'rejected', verdicts: [] },
      'VERDICT_NOT_OFFERED: the gate does not offer approve; nothing may be said now',
    ],
  ])('one %s is refused', async (_, packet, err) => {
    const said = await nowhere(packet);
    expect(said.out).toBe('');
    expect(said.err).toContain(err);
  });
});

describe('at a terminal', () => {
  it('shows the gate, and signs after a yes', async () => {
    const { out, err, asked } = await sign(approve(), [true]);
    expect(good(out).digest).toBe(DIGEST);
    expect(err).toContain(`digest ${DIGEST}`);
    expect(asked).toEqual(['approve revision 1?']);
  });

  it.each<[string, string[], Answer[]]>([
    ['a no', [], [false]],
    ['leaving', ['--verdict', 'reject'], [undefined]],
    ['leaving at the passphrase', ['--key', inside('encrypted.pem'), '--key-id', 'ana-1'], [true, undefined]],
  ])('%s signs nothing', async (_, more, answers) => {
    const { code, out } = await sign(approve(...more), answers);
    expect({ code, out }).toEqual({ code: 1, out: '' });
  });

  it('asks for the comment, shows what an edit changes, and has the phrase typed', async () => {
    expect(good((await sign(approve('--verdict', 'reject'), ['no', true])).out).comment).toBe('no');
    expect(
      (await sign(approve('--verdict', 'edit', '--args', '{"order":"A-4711","amount":30}'), [true])).err,
    ).toContain('+  "amount": 30');
    const { out } = await sign(['refund-2', ...approve().slice(1)], ['refund a-4711', 'REFUND A-4711']);
    expect(good(out, at('refund-2')).phrase).toBe('REFUND A-4711');
  });

  it('asks for the passphrase, three times', async () => {
    const argv = approve('--key', inside('encrypted.pem'), '--key-id', 'ana-1');
    const { out, err } = await sign(argv, [true, 'wrong', SECRET]);
    good(out);
    expect(err).toContain(`the passphrase does not open the key ${inside('encrypted.pem')}`);
    const never = await sign(argv, [true, 'a', 'b', 'c', SECRET]);
    expect(never).toMatchObject({ code: 1, out: '' });
    expect(never.err).toContain('KEY_WRONG_PASSPHRASE: ');
    expect(`${err}${never.err}`).not.toContain(SECRET);
  });
});
