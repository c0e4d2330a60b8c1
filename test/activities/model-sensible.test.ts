/** The stand-in that the demo's messages run on, as a program of its own, with the example's own action. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import examples from '../../examples/refunds/actions';
import { NOTHING_CONFIGURED } from '../../src/actions/configured';
import { createRegistry } from '../../src/actions/registry';
import { createAgent } from '../../src/providers/llm';

const repository = path.join(__dirname, '../..');

test('it refunds what the messages name, and asks back where they name no order', async () => {
  const tsx = path.join(repository, 'node_modules/tsx/dist/cjs/index.cjs');
  const program = path.join(repository, 'test/support/model-server.ts');
  const child = spawn(process.execPath, ['--require', tsx, program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  try {
    const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
    const { url } = JSON.parse(line) as { url: string };
    const configured = { ...NOTHING_CONFIGURED, actions: examples };
    const registry = createRegistry({ ...configured, ownTaskQueue: 'countersign' });
    const agent = createAgent({ default: { provider: 'openai-compatible', model: 'any', url } }, registry);
    const messages = readFileSync(path.join(repository, 'examples/refunds/messages.txt'), 'utf8').split(
      '\n----\n',
    );
    const proposed: unknown[] = [];
    for (const task of messages) {
      const answer = await agent.propose({ task, level: 'AGENT', signal: new AbortController().signal });
      if (answer.kind === 'failed') throw new Error(answer.message);
      const { action, args, confidence } = answer.proposal;
      expect(answer.generation).toMatchObject({ calls: 2, repairs: [] });
      proposed.push([action, args['order'] ?? null, args['amount'] ?? null, confidence]);
    }
    expect(proposed).toEqual([
      ['refund', 1042, 19.99, 0.85],
      ['refund', 1187, 20, 0.85],
      ['refund', 1018, 20, 0.4],
      ['refund', 1155, 20, 0.4],
      ['refund', 1250, 20, 0.4],
      ['refund', 1203, 20, 0.4],
      ['refund', 1077, 20, 0.4],
      ['answer', null, null, 0.6],
      ['answer', null, null, 0.6],
    ]);
  } finally {
    child.kill();
    await ended;
  }
  expect(child.exitCode).toBe(0);
});
