/**
 * What a person was shown last of a gate, remembered on their own machine, so that the next time shows what has changed
 * since. A convenience: trouble with it is never an error, and nothing is decided by it.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { changedSince, readRevision } from '../app/last-read';
import type { Seen } from '../domain/packet/view';
import type { LastRead } from '../app/ports';
import type { Packet } from '../client';
import { Digest } from '../domain/gate/decision';
import { guard } from '../domain/json';
import { Proposal } from '../domain/proposal';

/** The port, with a file for each gate and person in the data directory. */
export function lastReadIn(dataDir: string): LastRead {
  return {
    before: async (packet, reader) => lastSeen(dataDir, packet, reader),
    note: async (packet, reader) => {
      remember(dataDir, packet, reader);
    },
  };
}

const Kept = z.strictObject({ revision: z.int().min(1), digest: Digest, proposal: Proposal });
type Kept = z.infer<typeof Kept>;

/** Days after which it is forgotten. */
const KEPT = 30;

/** Undefined where nothing of the gate was seen, or nothing but the revision that is there now. */
export function lastSeen(dataDir: string, packet: Packet, reviewer: string): Seen | undefined {
  const file = fileOf(dataDir, packet, reviewer);
  const before = file === undefined ? undefined : quietly(() => contents(file));
  return before === undefined ? undefined : changedSince(before, packet);
}

/** For after all of it was shown. */
export function remember(dataDir: string, packet: Packet, reviewer: string): void {
  const read = readRevision(packet);
  const file = fileOf(dataDir, packet, reviewer);
  if (file === undefined || read === undefined) return;
  quietly(() => {
    mkdirSync(folder(dataDir), { recursive: true, mode: 0o700 });
    const temporary = `${file}.${randomUUID()}`;
    try {
      writeFileSync(temporary, JSON.stringify(read), { mode: 0o600, flag: 'wx' });
      renameSync(temporary, file);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
    forget(folder(dataDir));
  });
}

const folder = (dataDir: string) => join(dataDir, 'seen');

/** Of a level's gate, that of the workflow that owns it: one digest is one question. */
function fileOf(dataDir: string, { root, gate }: Packet, reviewer: string): string | undefined {
  if (root === undefined) return undefined;
  const whose = JSON.stringify([root.workflowId, root.firstRunId, gate, reviewer]);
  return join(folder(dataDir), `${createHash('sha256').update(whose).digest('hex')}.json`);
}

function contents(file: string): Kept | undefined {
  const found: unknown = JSON.parse(readFileSync(file, 'utf8'));
  return guard(found) === undefined ? z.safeParse(Kept, found).data : undefined;
}

function forget(directory: string): void {
  const oldest = Date.now() - KEPT * 24 * 60 * 60_000;
  for (const name of readdirSync(directory)) {
    const file = join(directory, name);
    if (statSync(file).mtimeMs < oldest) rmSync(file, { force: true });
  }
}

function quietly<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
