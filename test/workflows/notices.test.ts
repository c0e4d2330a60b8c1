/** People are told that they are asked, reminded, warned and passed over; a channel that is down holds nothing up. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import type { DecideInput, Packet } from '../../src/client';
import type { Notice } from '../../src/domain/gate/notice';
import { createChannels } from '../../src/providers/notify';
import type { Channel } from '../../src/providers/notify/channel';
import { pause, SHIP, startWorkflowEnv, types, type WorkflowEnv } from '../support/workflow-env';

let env: WorkflowEnv;
const heard: Notice[] = [];
let trouble: Error | undefined;
const ears: Channel = {
  name: 'ears',
  tell(notice) {
    if (trouble !== undefined) return Promise.reject(trouble);
    heard.push(notice);
    return Promise.resolve();
  },
};

beforeAll(async () => {
  env = await startWorkflowEnv([], undefined, { channels: [ears] });
});
beforeEach(() => {
  heard.length = 0;
  trouble = undefined;
});
afterAll(() => env.stop());

const level = (name: string, people: string[], more: object = {}) => ({
  kind: 'people' as const,
  name,
  approvers: { people },
  respondWithin: '4 hours',
  ...more,
});
const policyOf = (...levels: ReturnType<typeof level>[]) => ({ confirmation: 'CONFIRM' as const, levels });
const start = (policy: ReturnType<typeof policyOf>) =>
  env.skipping.propose({ task: 'ship it', requester: 'rita', proposal: SHIP, policy });
const by = (packet: Packet, reviewer: string, more: Partial<DecideInput> = {}): DecideInput => ({
  digest: packet.digest!,
  verdict: 'approve',
  reviewer,
  ...more,
});
/** What was heard, with the hours from the first notice's deadline at which its own lies. */
const told = () => heard.map(({ kind, level: name, people }) => `${kind} ${name}: ${people.join(', ')}`);

test('the timeline of a ladder that nobody answers', async () => {
  const { workflowId } = await start(
    policyOf(
      level('HUMAN', ['ana', 'bo'], { remindEvery: '1 hour', warnBefore: '30 minutes' }),
      level('MANAGER', ['mo'], { respondWithin: '2 hours', remindEvery: '90 minutes' }),
    ),
  );
  expect(await env.countersign.result(workflowId)).toMatchObject({ outcome: 'expired' });
  await env.until(workflowId, () => heard.some(({ kind }) => kind === 'closed'));
  expect(told()).toEqual([
    'opened HUMAN: ana, bo',
    'reminder HUMAN: ana, bo', // after 1 hour
    'reminder HUMAN: ana, bo', // after 2
    'reminder HUMAN: ana, bo', // after 3; the fourth would fall on the deadline
    'warning HUMAN: ana, bo', // after 3.5
    'escalated MANAGER: mo', // after 4
    'reminder MANAGER: mo', // after 5.5
    'closed MANAGER: mo', // after 6
  ]);
  const entries = await env.audit(workflowId);
  const opened = Date.parse(entries.find(({ type }) => type === 'opened')!.at);
  const hours = entries.flatMap(({ type, at }) =>
    type === 'reminded' || type === 'warned' || type === 'escalated'
      ? [`${type} after ${((Date.parse(at) - opened) / 3_600_000).toFixed(1)} hours`]
      : [],
  );
  expect(hours).toEqual([
    'reminded after 1.0 hours',
    'reminded after 2.0 hours',
    'reminded after 3.0 hours',
    'warned after 3.5 hours',
    'escalated after 4.0 hours',
  ]);
  expect(new Set(heard.map(({ id }) => id)).size).toBe(heard.length);
});

test('a deadline that is moved is warned of again, and the gate is open until then', async () => {
  const packet = await env.opened({
    policy: policyOf(level('HUMAN', ['ana'], { respondWithin: '3 seconds', warnBefore: '2 seconds' })),
  });
  await env.until(packet.workflowId, () => heard.some(({ kind }) => kind === 'warning'));
  const until = new Date(Date.parse(packet.deadline!) + 4_000).toISOString();
  await env.countersign.decide(packet.workflowId, by(packet, 'ana', { verdict: 'extend', until }));
  await env.until(packet.workflowId, ({ status }) => status === 'closed');
  const result = await env.countersign.result(packet.workflowId);
  expect(result).toMatchObject({ outcome: 'expired', reason: expect.stringContaining(until) });
  expect(heard.filter(({ kind }) => kind === 'warning').map(({ deadline }) => deadline)).toEqual([
    packet.deadline,
    until,
  ]);
});

test('INFO tells people and goes on', async () => {
  const policy = { ...policyOf(level('HUMAN', ['ana'])), confirmation: 'INFO' as const };
  const { workflowId } = await env.countersign.propose({
    task: 's',
    requester: 'rita',
    proposal: SHIP,
    policy,
  });
  expect(await env.countersign.result(workflowId)).toMatchObject({ outcome: 'executed', decisions: [] });
  expect(heard).toMatchObject([
    { kind: 'info', people: ['ana'], action: 'ship', workflowId },
    { kind: 'closed' },
  ]);
});

test('a channel that is down holds neither the decision nor the effect up, and is on record', async () => {
  trouble = Object.assign(new Error('the webhook answers 500'), { name: 'TypeError' }); // not tried again
  const packet = await env.opened({ policy: policyOf(level('HUMAN', ['ana'])) });
  await env.countersign.send(packet.workflowId, by(packet, 'ana'));
  expect(await env.countersign.result(packet.workflowId)).toMatchObject({ outcome: 'executed' });
  expect(types(await env.audit(packet.workflowId))).toContain('not-notified');
});

test('a channel that comes back is told once', async () => {
  trouble = new Error('the webhook answers 503');
  const packet = await env.opened({ policy: policyOf(level('HUMAN', ['ana'])) });
  await pause(500);
  trouble = undefined;
  await env.until(packet.workflowId, () => heard.length > 0);
  expect(heard).toMatchObject([{ kind: 'opened' }]);
  await env.countersign.send(packet.workflowId, by(packet, 'ana'));
  await env.countersign.result(packet.workflowId);
  expect(heard.map(({ kind }) => kind)).toEqual(['opened', 'closed']);
});

describe('a real webhook', () => {
  let server: Server;
  const secret = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`;
  const requests: { body: string; headers: Record<string, string> }[] = [];
  let url = '';

  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      request.on('end', () => {
        requests.push({ body, headers: request.headers as Record<string, string> });
        response.writeHead(requests.length === 1 ? 503 : 204).end();
      });
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/hook`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  test('gets a signed request, again after a 503, and its link decides nothing', async () => {
    const link = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/place/{workflowId}`;
    const [webhook] = createChannels({ console: false, webhooks: [{ url, secret }], link });
    const tell = ears.tell.bind(ears);
    Object.assign(ears, { tell: (notice: Notice, signal: AbortSignal) => webhook!.tell(notice, signal) });
    try {
      const packet = await env.opened({ policy: policyOf(level('HUMAN', ['ana'])) });
      await env.until(packet.workflowId, () => requests.length >= 2);
      const verified = requests.map(({ body, headers }) => new Webhook(secret).verify(body, headers));
      expect(verified[1]).toMatchObject({ type: 'gate.opened', data: { workflowId: packet.workflowId } });
      expect(requests[0]!.headers['webhook-id']).toBe(requests[1]!.headers['webhook-id']);
      const { data } = verified[1] as { data: { link: string } };
      expect(data.link).toContain(encodeURIComponent(packet.workflowId));
      expect(data.link).not.toMatch(/approve|decide|digest|verdict/);
      await fetch(data.link); // as a preview would
      expect(await env.countersign.show(packet.workflowId)).toMatchObject({ status: 'open', signatures: [] });
      await env.countersign.send(packet.workflowId, by(packet, 'ana'));
      await env.countersign.result(packet.workflowId);
    } finally {
      Object.assign(ears, { tell });
    }
  });
});
