/** `countersign dataset` and `calibration` over a store that real gates have filled. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { DecideInput, Packet } from '../../src/client';
import type { Deps } from '../../src/cli/command';
import { program, run } from '../../src/cli/main';
import { readConfig } from '../../src/config';
import { canonical } from '../../src/domain/digest';
import { kept } from '../support/cli-program';
import { SHIP, startWorkflowEnv, within, type WorkflowEnv } from '../support/workflow-env';

let env: WorkflowEnv;
const folder = mkdtempSync(path.join(tmpdir(), 'countersign-lessons-'));
const ids: Record<string, string> = {};
const SHIPS = (units: number) => canonical({ action: 'ship', args: { order: 'A-7', units } });

async function say(packet: Packet, verdict: DecideInput['verdict'], more: Partial<DecideInput> = {}) {
  const { workflowId, digest = '' } = packet;
  const receipt = await env.countersign.decide(workflowId, { digest, verdict, reviewer: 'ana', ...more });
  expect(receipt).toMatchObject({ status: 'admitted' });
}

async function gate(name: string, task: string, confidence: number, policy = within('1 hour')) {
  const packet = await env.opened({ task, proposal: { ...SHIP, confidence }, policy });
  ids[name] = packet.workflowId;
  return packet;
}

const again = (workflowId: string, revision: number) =>
  env.until(workflowId, (packet) => packet.status === 'open' && packet.revision === revision);

beforeAll(async () => {
  env = await startWorkflowEnv();
  const one = { order: 'A-7', units: 1 };
  await say(await gate('approved', 'ship two', 0.95), 'approve');
  await say(await gate('edited', 'ship one', 0.7), 'edit', { args: one, comment: 'one is enough' });
  await say(await gate('rejected', 'ship none', 0.2), 'reject', { comment: 'no stock' });
  await say(await gate('answered', 'ship what?', 0.3), 'respond', { answer: 'by hand' });

  const ladder = {
    ...within('1 hour'),
    levels: [...within('1 hour').levels, ...within('1 hour', { name: 'MANAGER' }).levels],
  };
  const passed = await gate('at a level', 'ship one, says a manager', 0.5, ladder);
  await say(passed, 'escalate', { comment: 'above me' });
  const level = await env.until(`${passed.workflowId}/MANAGER`, ({ status }) => status === 'open');
  await say(level, 'edit', { args: one, reviewer: 'mo', comment: 'mo says one' });

  const task = `propose: ${JSON.stringify({ action: 'ship', args: SHIP.args })}\nconfidence: 0.85`;
  const back = await env.propose({ task, requester: 'rita', policy: within('1 hour') });
  ids['sent back'] = back.workflowId;
  await say(back, 'revise', { comment: 'are you sure?' });
  await say(await again(back.workflowId, 2), 'approve', { reviewer: 'bo' });

  // Of these nobody has decided, or not on what an agent was sure of.
  const told = await gate('told', 'ship', 0.9, {
    ...within('1 hour'),
    confirmation: 'INFO' as const,
  } as never);
  const silent = await gate('silent', 'ship', 0.9, within('1 second', { onSilence: 'approve' }));
  const late = await gate('late', 'ship', 0.9, within('1 second'));
  const none = await env.propose({ task: 'fail: no idea', requester: 'rita' });
  await say(none, 'respond', { answer: 'nothing' });
  await gate('open', 'ship', 0.9);
  for (const { workflowId } of [passed, back, told, silent, late, none])
    await env.countersign.result(workflowId);
  for (const name of ['approved', 'edited', 'rejected', 'answered'])
    await env.countersign.result(ids[name] ?? '');
});
afterAll(async () => {
  await env.stop();
  rmSync(folder, { recursive: true });
});

async function said(...argv: string[]) {
  const streams = kept();
  const config = readConfig({ HOME: '/home/ana', COUNTERSIGN_PROMPTS: 'plain' });
  let exit = 0;
  const deps: Deps = {
    streams,
    defaults: config,
    config,
    open: () => Promise.reject(new Error('no server is asked')),
    store: async () => ({ ...env.store, close: async () => undefined }),
    ended: (code) => (exit = code),
  };
  const failed = await run(program(deps), argv, streams);
  return { exit: failed ?? exit, ...streams.said };
}

const rows = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

const brief = (text: string): Record<string, unknown> =>
  Object.fromEntries<unknown>(
    rows(text).map(({ prompt, chosen, rejected, comment, how, reviewers }) => [
      String(prompt).split('\n')[0] ?? '',
      { chosen, rejected, how, reviewers, ...(comment === undefined ? {} : { comment }) },
    ]),
  );

test('preference: what people wanted beside what they did not take', async () => {
  const { exit, out } = await said('dataset');
  expect(exit).toBe(0);
  const byTask = brief(out);
  expect(byTask).toMatchObject({
    'ship two': { chosen: SHIPS(2), rejected: null, how: 'approved', reviewers: ['ana'] },
    'ship one': {
      chosen: SHIPS(1),
      rejected: SHIPS(2),
      how: 'edited',
      comment: 'one is enough',
      reviewers: ['ana'],
    },
    'ship none': { chosen: null, rejected: SHIPS(2), how: 'rejected', comment: 'no stock' },
    'ship what?': { chosen: 'by hand', rejected: SHIPS(2), how: 'answered' },
    'ship one, says a manager': {
      chosen: SHIPS(1),
      rejected: SHIPS(2),
      how: 'edited',
      comment: 'mo says one',
      reviewers: ['mo'],
    },
  });
  const [proposed] = Object.keys(byTask).filter((prompt) => prompt.startsWith('propose:'));
  expect(byTask[proposed ?? '']).toBeDefined();
  expect(rows(out)).toHaveLength(7);
});

test('pairs alone, of one action, into a file that is its owner’s', async () => {
  const file = path.join(folder, 'pairs.jsonl');
  const { out } = await said('dataset', '--pairs', '--action', 'ship', '--out', file, '--json');
  expect(JSON.parse(out)).toEqual({ file, lines: 4 });
  const pairs = rows(readFileSync(file, 'utf8'));
  expect(pairs.map(({ how }) => how).sort()).toEqual(['answered', 'edited', 'edited', 'sent-back']);
  for (const { chosen, rejected } of pairs)
    expect([typeof chosen, typeof rejected]).toEqual(['string', 'string']);
  expect((await said('dataset', '--action', 'nothing')).out).toBe('');
  expect(await said('dataset', '--out', path.join(folder, 'no/where'))).toMatchObject({
    exit: 2,
    err: expect.stringContaining('--out'),
  });
});

test('evaluation: every version that people decided on, and whether it was right', async () => {
  const { out } = await said('dataset', '--format', 'evaluation');
  const found = rows(out);
  expect(found).toHaveLength(7);
  expect(found.find(({ workflowId }) => workflowId === ids['edited'])).toMatchObject({
    prompt: 'ship one',
    output: SHIPS(2),
    expected: SHIPS(1),
    label: false,
    how: 'edited',
    confidence: 0.7,
    comment: 'one is enough',
    by: 'rita',
  });
  const two = found.filter(({ workflowId }) => workflowId === ids['sent back']);
  expect(two).toMatchObject([
    { how: 'sent-back', label: false, comment: 'are you sure?', by: 'AGENT (offline)', confidence: 0.85 },
    { how: 'approved', label: true, reviewers: ['bo'] },
  ]);
  expect(found.filter(({ label }) => label === true)).toHaveLength(2);
  const others = ['told', 'silent', 'late', 'open'].map((name) => ids[name]);
  expect(found.filter(({ workflowId }) => others.includes(String(workflowId)))).toEqual([]);
});

test('calibration: a table, a picture, and too little for a threshold', async () => {
  const file = path.join(folder, 'calibration.svg');
  const { out } = await said('calibration', '--picture', file);
  expect(out).toContain(
    'confidence: 0.9–1\n   approved as it was: 1\n   edited: 0\n   rejected: 0\n   of: 1',
  );
  expect(out).toContain('7 decided; the confidence is off by');
  expect(out).toContain('too little to propose a threshold: 7 decided, and 20 are the least');
  const svg = readFileSync(file, 'utf8');
  expect(svg).toMatch(/^<svg xmlns.*<\/svg>\n$/s);
  const json = JSON.parse((await said('calibration', '--action', 'ship', '--json')).out) as {
    bins: { of: number }[];
  };
  expect(json.bins.map(({ of }) => of)).toEqual([0, 0, 1, 1, 0, 1, 0, 1, 2, 1]);
  expect((await said('calibration', '--action', 'none')).out).toBe('nobody has decided on anything yet\n');
});
