/** What a gate shows a person: whom it asks, who signed, who is missing, what silence means, what changed since theirs. */
import { createColors } from 'picocolors';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { factLines, render } from '../../src/cli/render';
import { lastSeen, remember } from '../../src/cli/seen';
import type { Packet, PacketAtEnd } from '../../src/client';
import { PacketSchema } from '../../src/domain/answers';
import { packetOf } from '../../src/domain/packet';
import { temporaryDirectory } from '../support/app';
import { cli } from '../support/cli-person';
import { fakeTemporal } from '../support/fake-temporal';
import { open, policy } from '../domain/given';

const directory = temporaryDirectory();
afterAll(() => {
  directory.remove();
});

const base = packetOf(open());
const signature = (reviewer: string, onBehalfOf?: string) => ({
  reviewer,
  decision: `d-${reviewer}`,
  at: '2026-03-02T09:10:00.000Z',
  revision: 1,
  authentication: 'open' as const,
  ...(onBehalfOf === undefined ? {} : { onBehalfOf }),
});
const under = (level: Parameters<typeof policy>[0], rest: Parameters<typeof policy>[1] = {}) => ({
  policy: policy(level, rest),
});
const MANAGER = { name: 'MANAGER', approvers: { people: ['mia'] }, respondWithin: '1 day' };
const HUMAN = { name: 'HUMAN', approvers: { people: ['ana'] }, respondWithin: '4 hours' };

/** The line of a label. */
function row(label: string, more: Partial<Packet>): string | undefined {
  const line = factLines({ ...base, ...more }).find((one) => one.startsWith(label.padEnd(12)));
  return line?.slice(12);
}

const ROWS: readonly { said: string; label: string; packet: Partial<Packet>; line: string | undefined }[] = [
  { said: 'people by name', label: 'asked', packet: {}, line: 'HUMAN: ana, bo, cy, req; 1 signature' },
  {
    said: 'a role, and a level of two',
    label: 'asked',
    packet: under({}, { levels: [{ ...HUMAN, approvers: { roles: ['oncall'] }, quorum: 2 }, MANAGER] }),
    line: 'HUMAN (level 1 of 2): role oncall; 2 signatures',
  },
  {
    said: 'groups',
    label: 'asked',
    packet: under({
      approvers: { people: ['*'] },
      groups: [
        { role: 'security', quorum: 2 },
        { role: 'qa', quorum: 1 },
      ],
    }),
    line: 'HUMAN: anybody; 3 signatures, among them 2 of role security and 1 of role qa',
  },
  {
    said: 'INFO asks nobody',
    label: 'asked',
    packet: under({}, { confirmation: 'INFO' }),
    line: 'nobody: it is told, and goes on',
  },
  { said: 'nobody has signed', label: 'signed', packet: {}, line: 'nobody yet' },
  {
    said: 'one for another',
    label: 'signed',
    packet: { signatures: [signature('ana'), signature('dee', 'bo')] },
    line: 'ana; dee on behalf of bo',
  },
  { said: 'nobody has rejected', label: 'rejected', packet: {}, line: undefined },
  {
    said: 'a rejection of two',
    label: 'rejected',
    packet: { ...under({ rejections: 2 }), rejections: [signature('cy')] },
    line: 'cy (2 end it)',
  },
  {
    said: 'a rejection, and a group’s own count',
    label: 'rejected',
    packet: {
      ...under({ rejections: 3, groups: [{ role: 'security', quorum: 1, rejections: 2 }] }),
      rejections: [signature('cy')],
    },
    line: 'cy (3, or 2 of role security, end it)',
  },
  {
    said: 'the requester is never missing',
    label: 'missing',
    packet: {},
    line: '1 more: ana, bo, cy',
  },
  {
    said: 'unless they may decide',
    label: 'missing',
    packet: under({}, { separation: { requester: false } }),
    line: '1 more: ana, bo, cy, req',
  },
  {
    said: 'whoever has signed or rejected is not',
    label: 'missing',
    packet: {
      ...under({ quorum: 2, rejections: 2 }),
      signatures: [signature('ana')],
      rejections: [signature('cy')],
    },
    line: '1 more: bo',
  },
  {
    said: 'a delegate, beside whom they act for',
    label: 'missing',
    packet: { delegations: [{ from: 'bo', to: 'dee', decision: 'd', at: '2026-03-02T09:00:00.000Z' }] },
    line: '1 more: ana, bo or dee, cy',
  },
  {
    said: 'and neither once the delegate has signed',
    label: 'missing',
    packet: {
      ...under({ quorum: 2 }),
      signatures: [signature('dee', 'bo')],
      delegations: [{ from: 'bo', to: 'dee', decision: 'd', at: '2026-03-02T09:00:00.000Z' }],
    },
    line: '1 more: ana, cy',
  },
  {
    said: 'roles, with how many',
    label: 'missing',
    packet: under({
      approvers: { roles: ['oncall'] },
      groups: [
        { role: 'security', quorum: 2 },
        { role: 'qa', quorum: 1 },
      ],
    }),
    line: '3 more: role oncall, 2 of role security, 1 of role qa',
  },
  {
    said: 'roles, once somebody has signed',
    label: 'missing',
    packet: {
      ...under({ approvers: { roles: ['oncall'] }, groups: [{ role: 'security', quorum: 2 }] }),
      signatures: [signature('sam')],
    },
    line: '1 more: role oncall, up to 2 of role security',
  },
  {
    said: 'nobody is missing of what is over',
    label: 'missing',
    packet: { status: 'closed' },
    line: undefined,
  },
  {
    said: 'a delegation',
    label: 'delegated',
    packet: { delegations: [{ from: 'bo', to: 'dee', decision: 'd', at: '2026-03-02T09:00:00.000Z' }] },
    line: 'dee for bo',
  },
  {
    said: 'an escalation, in one line whatever the reason is',
    label: 'passed up',
    packet: {
      escalations: [
        { from: 'AGENT', to: 'HUMAN', reason: 'unsure\nsigned nobody', at: '2026-03-02T09:00:00.000Z' },
      ],
    },
    line: expect.stringMatching(/^AGENT to HUMAN, .*: unsure‹U\+000A›signed nobody$/) as string,
  },
  {
    said: 'silence at the last level',
    label: 'until',
    packet: {},
    line: expect.stringMatching(/; silence lets it expire$/) as string,
  },
  {
    said: 'silence below another level',
    label: 'until',
    packet: under({}, { levels: [HUMAN, MANAGER] }),
    line: expect.stringMatching(/; silence passes it up: MANAGER is asked$/) as string,
  },
  {
    said: 'silence that expires at once',
    label: 'until',
    packet: under({}, { levels: [HUMAN, MANAGER], onSilence: 'expire' }),
    line: expect.stringMatching(/; silence lets it expire$/) as string,
  },
  {
    said: 'silence that is consent, at this level alone',
    label: 'until',
    packet: under({}, { levels: [{ ...HUMAN, onSilence: 'approve' }, MANAGER] }),
    line: expect.stringMatching(
      /; silence counts as APPROVED: the policy takes silence for consent$/,
    ) as string,
  },
  { said: 'yes or no', label: 'confirm', packet: {}, line: 'CONFIRM: yes or no' },
  {
    said: 'the phrase',
    label: 'confirm',
    packet: { phrase: 'DELETE orders-eu' },
    line: 'VERIFY: to approve or edit, type exactly: DELETE orders-eu',
  },
  { said: 'names are believed', label: 'names', packet: {}, line: 'believed, not proven (open mode)' },
  {
    said: 'names are proven',
    label: 'names',
    packet: { authentication: 'signed' },
    line: 'proven: each decision is signed with the key of its reviewer',
  },
  {
    said: 'names are vouched for',
    label: 'names',
    packet: { authentication: 'vouched' },
    line: 'vouched for: a front door has authenticated each reviewer, or the decision is signed with their own key',
  },
  {
    said: 'one who was vouched for, and one who has signed',
    label: 'signed',
    packet: {
      authentication: 'vouched',
      signatures: [
        { ...signature('ana'), authentication: 'vouched' },
        { ...signature('dee', 'bo'), authentication: 'signed' },
      ],
    },
    line: 'ana (vouched for); dee on behalf of bo',
  },
  {
    said: 'some have to sign themselves',
    label: 'asked',
    packet: under({ quorum: 1, signedAtLeast: 2 }),
    line: "HUMAN: ana, bo, cy, req; 2 signatures, at least 2 with a key of one's own",
  },
  { said: 'as claimed', label: 'requester', packet: {}, line: 'req, as claimed' },
  {
    said: 'signed by a door',
    label: 'requester',
    packet: { requesterProof: 'vouched' },
    line: 'req, a front door has signed the start for them',
  },
  {
    said: 'signed by the requester',
    label: 'requester',
    packet: { requesterProof: 'signed' },
    line: 'req, who has signed the start',
  },
  { said: 'who made it', label: 'proposed by', packet: { by: 'AGENT (m)' }, line: 'AGENT (m)' },
  { said: 'how risky it is', label: 'risk', packet: { risk: 'high' }, line: 'high' },
  {
    said: 'whom the end is told, where that is anybody',
    label: 'sent to',
    packet: { callback: 'https://orders.example/\u202edone' },
    line: 'https://orders.example/‹U+202E›done, how it ends',
  },
  { said: 'nobody is told', label: 'sent to', packet: {}, line: undefined },
  {
    said: 'where to decide',
    label: 'decide on',
    packet: { status: 'waiting', waitingOn: 'pay-1/MANAGER', verdicts: [] },
    line: 'pay-1/MANAGER, as long as it is asked (countersign show pay-1/MANAGER)',
  },
  {
    said: 'what may be said',
    label: 'you may',
    packet: { verdicts: ['reject', 'comment'] },
    line: 'reject, comment',
  },
  { said: 'nothing may', label: 'you may', packet: { verdicts: [] }, line: undefined },
];

it.each(ROWS)('$label: $said', ({ label, packet, line }) => {
  expect(row(label, packet)).toEqual(line);
});

describe('since the revision that this person saw last', () => {
  const colours = createColors(false);
  const revised = (revision: number, amount: number): Packet => ({
    ...base,
    revision,
    digest: String(revision).repeat(64),
    proposal: { ...base.proposal!, args: { order: 'A-4711', amount } },
    ...(revision === 1 ? {} : { diff: [{ op: 'replace' as const, path: '/args/amount', value: amount }] }),
  });
  const told = (data: string, packet: Packet, reviewer = 'ana') => {
    const { text } = render(packet, { full: true, colours, seen: lastSeen(data, packet, reviewer) });
    return text.split('\n').filter((line) => line.startsWith('Changed') || line.includes('"op"'));
  };
  const replaced = (amount: number) => `  {"op":"replace","path":"/args/amount","value":${String(amount)}}`;
  let data = '';
  beforeEach(() => {
    data = join(directory.path, randomUUID());
    remember(data, revised(1, 40), 'ana');
  });

  it('nothing is told of the one that is there, and to somebody else nothing of it', () => {
    expect(told(data, revised(1, 40))).toEqual([]);
    expect(told(data, revised(2, 30), 'bo')).toEqual(['Changed since revision 1', replaced(30)]);
  });

  it('the revision before', () => {
    expect(told(data, revised(2, 30))).toEqual([
      'Changed since revision 1, which you saw last',
      replaced(30),
    ]);
  });

  it('an older one, beside the one before', () => {
    expect(told(data, revised(3, 20))).toEqual([
      'Changed since revision 2',
      replaced(20),
      'Changed since revision 1, which you saw last',
      replaced(20),
    ]);
  });

  it('a file for the owner’s eyes, replaced as a whole; another gate, run or person has its own', () => {
    const folder = join(data, 'seen');
    const [name = ''] = readdirSync(folder);
    expect(name).toMatch(/^[0-9a-f]{64}\.json$/);
    expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(JSON.parse(readFileSync(join(folder, name), 'utf8'))).toEqual({
      revision: 1,
      digest: '1'.repeat(64),
      proposal: revised(1, 40).proposal,
    });
    remember(data, revised(2, 30), 'ana');
    expect(readdirSync(folder)).toEqual([name]);
    remember(data, revised(2, 30), 'bo');
    remember(data, { ...revised(2, 30), gate: 'other' }, 'ana');
    remember(data, { ...revised(2, 30), root: { workflowId: 'refund-4711', firstRunId: 'run-2' } }, 'ana');
    // A level's own gate is the same question, at whichever workflow it is asked.
    remember(data, { ...revised(2, 30), workflowId: 'refund-4711/MANAGER' }, 'ana');
    expect(readdirSync(folder)).toHaveLength(4);
  });

  it.each([
    '',
    'null',
    '{"revision":1}',
    '[[[[[[[[[[]]]]]]]]]]',
    '{"revision":"1","digest":"","proposal":{}}',
  ])('what stands there is not believed: %j', (text) => {
    const folder = join(data, 'seen');
    writeFileSync(join(folder, readdirSync(folder)[0]!), text);
    expect(told(data, revised(2, 30))).toEqual(['Changed since revision 1', replaced(30)]);
  });

  it('trouble is no error', () => {
    const file = join(directory.path, 'file');
    writeFileSync(file, '');
    expect(() => {
      remember(file, revised(1, 40), 'ana');
    }).not.toThrow();
    expect(lastSeen(file, revised(2, 30), 'ana')).toBeUndefined();
    mkdirSync(join(directory.path, 'closed'));
    chmodSync(join(directory.path, 'closed'), 0o500);
    expect(() => {
      remember(join(directory.path, 'closed'), revised(1, 40), 'ana');
    }).not.toThrow();
  });

  it('after a month it is forgotten', () => {
    const folder = join(data, 'seen');
    const old = join(folder, `${'0'.repeat(64)}.json`);
    writeFileSync(old, '{}');
    utimesSync(old, new Date(), new Date(Date.now() - 31 * 24 * 60 * 60_000));
    remember(data, revised(2, 30), 'ana');
    expect(readdirSync(folder)).toHaveLength(1);
  });
});

describe('countersign show', () => {
  const fake = fakeTemporal();
  const data = join(directory.path, 'shown');
  const show = (...argv: string[]) => cli(fake, ['show', ...argv], { data });

  it('remembers what it showed whole, for whom', async () => {
    const long = { order: 'A-4711', notes: Array.from({ length: 60 }, (_, line) => `line ${String(line)}`) };
    fake.open('long-1', { proposal: { ...base.proposal!, args: long } });
    const cut = await show('long-1', '--reviewer', 'ana');
    expect(cut.out).toMatch(/ … \d+ lines hidden; --full shows them/);
    expect(() => readdirSync(join(data, 'seen'))).toThrow();
    await show('long-1', '--reviewer', 'ana', '--full');
    expect(readdirSync(join(data, 'seen'))).toHaveLength(1);
    rmSync(data, { recursive: true });
    expect(JSON.parse((await show('long-1', '--json')).out)).toMatchObject({ revision: 1 });
    expect(() => readdirSync(join(data, 'seen'))).toThrow();
  });

  it('and the next time says what changed, to that person', async () => {
    fake.open('pay-1');
    await show('pay-1', '--reviewer', 'ana');
    fake.say('pay-1', 'bo', 'edit', { args: { order: 'A-4711', amount: 30 } });
    expect((await show('pay-1', '--reviewer', 'ana')).out).toContain(
      'Changed since revision 1, which you saw last',
    );
    const other = await show('pay-1', '--reviewer', 'cy');
    expect(other.out).toContain('Changed since revision 1\n');
  });
});

describe('a gate whose workflow was terminated', () => {
  const fake = fakeTemporal();
  fake.open('pay-1');
  fake.terminated.set('pay-1', 'bye\u202e');
  const say = (...argv: string[]) => cli(fake, argv, { data: directory.path });

  it('is shown as that, with the reason, and offers nothing', async () => {
    const { out } = await say('show', 'pay-1');
    expect(out).toMatch(/^pay-1 {2}gate main {2}closed: terminated\n\nReason\n {2}bye‹U\+202E›\n/);
    expect(out).not.toMatch(/^you may|^missing/m);
  });

  it('says so to programs in the packet’s own terms, and beside them', async () => {
    const { closedBy, ...packet } = JSON.parse((await say('show', 'pay-1', '--json')).out) as PacketAtEnd;
    expect(closedBy).toBe('TERMINATED');
    expect(PacketSchema.parse(packet)).toMatchObject({ status: 'closed', verdicts: [], reason: 'bye\u202e' });
    expect(packet).not.toHaveProperty('outcome');
  });

  it('is not signed, from the server or from a file', async () => {
    const { out } = await say('show', 'pay-1', '--json');
    const args = ['sign', 'pay-1', '--verdict', 'approve', '--key', 'ana.pem', '--digest', 'a'.repeat(64)];
    expect((await say(...args)).err).toMatch(/^VERDICT_NOT_OFFERED: /);
    expect((await say(...args, '--packet', out)).err).toMatch(/^ALREADY_CLOSED: .*TERMINATED/);
  });

  it('one that had closed by itself keeps its outcome', async () => {
    fake.open('pay-2');
    fake.say('pay-2', 'ana', 'reject', { comment: 'no' });
    fake.terminated.set('pay-2', 'bye');
    const packet = JSON.parse((await say('show', 'pay-2', '--json')).out) as PacketAtEnd;
    expect(packet).toMatchObject({ status: 'closed', outcome: 'rejected' });
    expect(packet).not.toHaveProperty('closedBy');
  });
});
