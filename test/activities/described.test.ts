/** What the record has of the actions of a worker: every one, with what it takes and where it runs, and no secret. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { defineAction } from '../../src/actions/action';
import { registryText } from '../../src/actions/described';
import { createRegistry } from '../../src/actions/registry';
import { configurationText } from '../../src/domain/configuration';

const folder = mkdtempSync(join(tmpdir(), 'countersign-described-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const SECRET = 's3cr3t';
const ship = defineAction({
  name: 'ship',
  input: z.object({ order: z.string(), on: z.custom<Date>(() => true) }),
  risk: 'high',
  run: () => Promise.resolve(null),
});

async function described(module: string | undefined) {
  const configured = {
    actions: [ship],
    databases: { shop: { url: `postgresql://app:${SECRET}@db/shop` } },
    hosts: [{ host: 'api.example.com', headers: { authorization: `Bearer ${SECRET}` } }],
    taskQueues: ['payments'],
  };
  const registry = createRegistry({ ...configured, ownTaskQueue: 'countersign' });
  const text = registryText(registry, configured, module, folder);
  await registry.close();
  return { text, said: JSON.parse(text) as Record<string, unknown> & { actions: { name: string }[] } };
}

it('names each action, by its name, risk, place and input, and what they may reach', async () => {
  const { text, said } = await described(undefined);
  expect(said.actions.map(({ name }) => name)).toEqual([
    'sql',
    'http',
    'remote',
    'answer',
    'confirm',
    'ship',
  ]);
  expect(said.actions.find(({ name }) => name === 'ship')).toMatchObject({
    risk: 'high',
    runs: 'worker',
    input: { properties: { order: { type: 'string' } }, required: expect.arrayContaining(['order']) },
  });
  expect(said.actions.filter(({ name }) => ['remote', 'answer'].includes(name))).toMatchObject([
    { runs: 'queue' },
    { runs: 'nowhere' },
  ]);
  expect(said).toMatchObject({
    databases: ['shop'],
    hosts: [{ host: 'api.example.com', headers: ['authorization'] }],
    taskQueues: ['payments'],
  });
  expect(text).not.toContain(SECRET);
  expect(text).toBe(configurationText(said));
});

it('names the module by the hash of what it holds: another text is another version', async () => {
  const file = join(folder, 'actions.ts');
  const hashes = [];
  for (const text of ['export default [];\n', 'export default []; // other\n']) {
    writeFileSync(file, text);
    const { said } = await described('actions.ts');
    expect(said['module']).toEqual({
      named: 'actions.ts',
      sha256: createHash('sha256').update(readFileSync(file)).digest('hex'),
    });
    hashes.push((await described('actions.ts')).text);
  }
  expect(new Set(hashes).size).toBe(2);
});
