/** What is refused by its name says the name once made visible: codes of codes are read by nobody, and no line of it passes for ours. */
import { join } from 'node:path';
import { NamespaceNotFoundError } from '@temporalio/common';
import { CountersignError } from '../../src/client';
import { packetOf } from '../../src/domain/packet';
import type { AuditStore } from '../../src/store/audit-store';
import { open } from '../domain/given';
import { temporaryDirectory } from '../support/app';
import { cli, type Person } from '../support/cli-person';
import { fakeTemporal } from '../support/fake-temporal';

const directory = temporaryDirectory();
afterAll(() => {
  directory.remove();
});

const base = packetOf(open());
const thrown = (name: string) => new CountersignError('NOT_FOUND', `there is no workflow ${name}`);
const name = '\u001b[2Jx\nERROR: pay';
const store = {
  entries: async () => [],
  count: async () => ({ entries: 0 }),
  close: async () => undefined,
};
const empty = { ...store, async *chains() {} } as unknown as AuditStore;
const packet = JSON.stringify({ ...base, workflowId: name });
const sign = ['sign', 'pay-1', '--verdict', 'approve', '--key', 'key', '--packet'];

it.each<[string, string[], Partial<Person>, object?]>([
  ['start of no type', ['start', name, '--input', '{}'], {}],
  ['audit show', ['audit', 'show', name], { store: empty }],
  ['audit verify', ['audit', 'verify', name, '--offline'], { store: empty }],
  ['audit verify --checkpoints', ['audit', 'verify', '--offline', '--checkpoints', name], { store: empty }],
  ['audit export', ['audit', 'export', name, '--out', join(directory.path, 'out')], { store: empty }],
  ['sign, another gate', [...sign, packet], {}],
  ['sign, an ended gate', [...sign, JSON.stringify({ ...base, closedBy: name })], {}],
  ['result', ['result', name], {}, { status: async () => ({ status: 'RUNNING' }) }],
  ['no namespace', ['show', 'x'], {}, { show: () => Promise.reject(new NamespaceNotFoundError(name)) }],
  ['what the client throws', ['show', 'x'], {}, { show: () => Promise.reject(thrown(name)) }],
])('%s', async (_, argv, person, answers = {}) => {
  const fake = fakeTemporal();
  Object.assign(fake.countersign, answers);
  const { out, err } = await cli(fake, argv, { data: directory.path, ...person });
  expect(out).toBe('');
  expect(err).toContain('‹U+001B›[2Jx\n  ERROR: pay');
  expect(err).not.toMatch(/‹U\+2039›/);
});
