/**
 * The whole app as its users have it: `countersign dev` as a child in a process group of its own, driven by the stock
 * `temporal` CLI and by ours, both as child processes.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Countersign, Packet, Receipt, Result } from '../../src/client';
import type { AppClient } from './app-client';
import { COUNTERSIGN } from './built';

export { COUNTERSIGN, FROM_SOURCE } from './built';
export const ROOT = join(__dirname, '..', '..');

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export function temporalBinary(): string {
  return process.env['TEMPORAL_CLI_PATH'] ?? 'temporal';
}

export function run(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
  input = '',
): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(file, [...args], { env, maxBuffer: 64e6 }, (error, out, err) => {
      const code = typeof error?.code === 'number' ? error.code : error === null ? 0 : 1;
      resolve({ code, out, err });
    });
    child.stdin?.on('error', () => undefined); // it may have ended without reading
    child.stdin?.end(input);
  });
}

export function temporaryDirectory(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'countersign-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** One of our commands that keeps running; resolves when its first line of JSON is out. */
export async function background(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ child: ChildProcess; ready: Record<string, unknown> }> {
  const child = spawn(process.execPath, [COUNTERSIGN, ...args, '--json'], {
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (err += chunk));
  const ready = await new Promise<Record<string, unknown>>((resolve, reject) => {
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      out += chunk;
      if (!out.includes('\n')) return;
      const line = JSON.parse(out.slice(0, out.indexOf('\n'))) as Record<string, unknown>;
      if ('code' in line) reject(new Error(`${String(line['code'])}: ${String(line['message'])}`));
      else resolve(line);
    });
    child.once('exit', (code) => {
      reject(
        new Error(`countersign ${args.join(' ')} ended with ${String(code)} before it was ready: ${err}`),
      );
    });
  });
  return { child, ready };
}

export function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) =>
    child.once('exit', () => {
      resolve();
    }),
  );
}

/** Signals a whole process group that we started. */
export async function endGroup(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
    process.kill(-child.pid, signal);
  await ended(child);
}

export interface App {
  readonly address: string;
  readonly data: string;
  readonly ui: string | undefined;
  readonly child: ChildProcess;
  readonly env: NodeJS.ProcessEnv;
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** The stock CLI, `temporal workflow …`. */
  workflow(...args: string[]): Promise<Ran>;
  /** Our typed client, for what is asked again and again: a process of the CLI for each question takes a second. */
  client(): Promise<Countersign>;
  /** Our CLI. */
  countersign(...args: string[]): Promise<Ran>;
  start(workflowId: string, argument: object, taskQueue?: string, type?: string): Promise<void>;
  gate(workflowId: string): Promise<Packet>;
  /** The gate once it is in a status. */
  reaches(workflowId: string, status: Packet['status']): Promise<Packet>;
  receipt(workflowId: string, id: string): Promise<Receipt>;
  /** The receipt once the decision has been judged. */
  judged(workflowId: string, id: string): Promise<Receipt>;
  signal(workflowId: string, decision: unknown, name?: string): Promise<void>;
  update(workflowId: string, decision: unknown): Promise<Ran>;
  result(workflowId: string): Promise<Result>;
  history(workflowId: string): Promise<HistoryEvent[]>;
}

export interface HistoryEvent {
  readonly eventId: string;
  readonly eventType: string;
  readonly eventTime: string;
}

export async function startApp(options: {
  readonly data: string;
  readonly ui?: boolean;
  readonly env?: NodeJS.ProcessEnv;
  readonly port?: string;
  /** See `commands`. @default false */
  readonly stock?: boolean;
}): Promise<App> {
  const { data, ui = false, port = '0', stock } = options;
  const env: NodeJS.ProcessEnv = { ...process.env, COUNTERSIGN_DATA: data, NO_COLOR: '1', ...options.env };
  delete env['TEMPORAL_ADDRESS'];
  const args = ['dev', '--port', port, '--ui-port', '0', '--data', data, ...(ui ? [] : ['--headless'])];
  const { child, ready } = await background(args, env);
  const address = String(ready['address']);
  return {
    ...commands(address, { ...env, TEMPORAL_ADDRESS: address }, stock),
    data,
    ui: ready['ui'] === null ? undefined : (ready['ui'] as string),
    child,
    stop: (signal = 'SIGTERM') => endGroup(child, signal),
  };
}

/**
 * How tests speak to an app, wherever its server is.
 * @param stock starts, queries, signals and results go through the stock CLI; where they are not the point, Temporal's client
 * does the same without a process for each. What is asked again and again is always the client's.
 */
export function commands(
  address: string,
  env: NodeJS.ProcessEnv,
  stock = false,
): Omit<App, 'data' | 'ui' | 'child' | 'stop'> {
  const workflow = (...args: string[]) =>
    run(temporalBinary(), ['workflow', ...args, '--address', address], env);
  const client = lazyClient(address, env);
  const { query, start, signal, result } = stock ? stockCalls(workflow) : client;
  const receiptBy = ({ query: ask }: Pick<AppClient, 'query'>) => {
    return (workflowId: string, id: string) => ask<Receipt>(workflowId, 'receipt', id);
  };
  return {
    address,
    env,
    workflow,
    client: () => client.countersign(),
    countersign: (...args) => run(process.execPath, [COUNTERSIGN, ...args], env),
    gate: (workflowId) => query<Packet>(workflowId, 'gate'),
    receipt: receiptBy({ query }),
    start: (workflowId, argument, taskQueue = 'countersign', type = 'proposeAndExecute') =>
      start(workflowId, type, taskQueue, argument),
    reaches: (workflowId, status) =>
      until(
        () => client.query<Packet>(workflowId, 'gate'),
        (packet) => packet.status === status,
      ),
    judged: (workflowId, id) =>
      until(
        () => receiptBy(client)(workflowId, id),
        ({ status }) => status === 'admitted' || status === 'refused',
      ),
    signal: (workflowId, decision, name = 'decide') => signal(workflowId, name, decision),
    update: (workflowId, decision) =>
      workflow(
        ...['update', 'execute', '-w', workflowId, '--name', 'decide', '-o', 'json'],
        ...['--input', JSON.stringify(decision)],
      ),
    result: (workflowId) => result<Result>(workflowId),
    async history(workflowId) {
      const out = await must(workflow('show', '-w', workflowId, '-o', 'json'));
      return (JSON.parse(out) as { events: HistoryEvent[] }).events;
    },
  };
}

/** Loaded at the first call: most tests want no more of this file than `run`. */
function lazyClient(address: string, env: NodeJS.ProcessEnv): AppClient {
  let loaded: AppClient | undefined;
  const client = (): AppClient => {
    const module = () => createRequire(__filename)('./app-client') as typeof import('./app-client');
    return (loaded ??= module().appClient(address, env['TEMPORAL_NAMESPACE']));
  };
  return {
    query: <T>(...args: Parameters<AppClient['query']>) => client().query<T>(...args),
    signal: (...args) => client().signal(...args),
    start: (...args) => client().start(...args),
    result: <T>(workflowId: string) => client().result<T>(workflowId),
    countersign: () => client().countersign(),
  };
}

/** The same, each a process of the `temporal` CLI. */
function stockCalls(workflow: (...args: string[]) => Promise<Ran>): Omit<AppClient, 'countersign'> {
  const input = (values: readonly unknown[]) => values.flatMap((one) => ['--input', JSON.stringify(one)]);
  return {
    async query<T>(workflowId: string, name: string, ...values: unknown[]) {
      const asked = ['query', '-w', workflowId, '--name', name, '-o', 'json', ...input(values)];
      return (JSON.parse(await must(workflow(...asked))) as { queryResult: [T] }).queryResult[0];
    },
    async signal(workflowId, name, payload) {
      await must(workflow('signal', '-w', workflowId, '--name', name, ...input([payload])));
    },
    async start(workflowId, type, taskQueue, argument) {
      const named = ['--type', type, '--task-queue', taskQueue, '--workflow-id', workflowId];
      await must(workflow('start', ...named, ...input([argument])));
    },
    async result<T>(workflowId: string) {
      const out = await must(workflow('result', '-w', workflowId, '-o', 'json'));
      return (JSON.parse(out) as { result: T }).result;
    },
  };
}

async function must(ran: Promise<Ran>): Promise<string> {
  const { code, out, err } = await ran;
  if (code !== 0) throw new Error(err || out);
  return out;
}

/** Asks again until it holds, for so many milliseconds at most. */
export async function until<T>(
  ask: () => Promise<T>,
  holds: (value: T) => boolean,
  within = 30_000,
): Promise<T> {
  for (const end = Date.now() + within; ;) {
    const value = await ask();
    if (holds(value)) return value;
    if (Date.now() > end)
      throw new Error(
        `still not so after ${String(within / 1000)} s: ${JSON.stringify({ value }).slice(0, 500)}`,
      );
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
