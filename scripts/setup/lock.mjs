// One set-up at a time: `npm test` and a command in another terminal may start together in a fresh clone. A lock is a
// directory, since mkdir is atomic everywhere; it is void when its owner's process is gone, or stopped refreshing it.
import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const REFRESH = 2_000;
const UNOWNED = 5_000; // between mkdir and the owner file there are microseconds
const SILENT = 60_000; // covers a process id that was given to another program

/** Runs `work` while holding the lock; waits, saying so once, for whoever holds it. */
export async function withLock(directory, say, work) {
  mkdirSync(path.dirname(directory), { recursive: true });
  for (let tries = 0; !take(directory); tries += 1) {
    const owner = ownerOf(directory);
    if (isVoid(directory, owner)) takeAway(directory);
    else if (tries === 5)
      say(`waiting for the set-up that is running already (process ${owner?.pid ?? 'unknown'})`);
    await wait(200);
  }
  const release = () => rmSync(directory, { recursive: true, force: true });
  const refresh = setInterval(() => touch(directory), REFRESH);
  process.once('exit', release);
  try {
    return await work();
  } finally {
    clearInterval(refresh);
    process.off('exit', release);
    release();
  }
}

function take(directory) {
  try {
    mkdirSync(directory);
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
  writeFileSync(
    path.join(directory, 'owner.json'),
    JSON.stringify({ pid: process.pid, host: os.hostname() }),
  );
  return true;
}

function touch(directory) {
  try {
    const now = new Date();
    utimesSync(directory, now, now);
  } catch {
    // released meanwhile
  }
}

function ownerOf(directory) {
  try {
    return JSON.parse(readFileSync(path.join(directory, 'owner.json'), 'utf8'));
  } catch {
    return undefined;
  }
}

function ageOf(directory) {
  try {
    return Date.now() - statSync(directory).mtimeMs;
  } catch {
    return 0;
  }
}

function isVoid(directory, owner) {
  const age = ageOf(directory);
  if (owner === undefined) return age > UNOWNED;
  if (age > SILENT) return true;
  return owner.host === os.hostname() && !isAlive(owner.pid);
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

// Two waiters may find the same lock void; only the holder of this second one may remove it, after looking again.
function takeAway(directory) {
  const guard = `${directory}.void`;
  try {
    mkdirSync(guard);
  } catch {
    if (ageOf(guard) > UNOWNED) rmSync(guard, { recursive: true, force: true });
    return;
  }
  try {
    if (isVoid(directory, ownerOf(directory))) rmSync(directory, { recursive: true, force: true });
  } finally {
    rmSync(guard, { recursive: true, force: true });
  }
}
