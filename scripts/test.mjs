// `npm test`: sets up what tests need, runs jest, and closes with one plain line that a person or a machine can read.
// Whatever keeps tests from running counts as a failure; no outcome reads as success by accident.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import requireNode from './setup/node-version.cjs';

requireNode();
const { setUp, targets } = await import('./setup/index.mjs');
const { root, SetupError } = await import('./setup/machine.mjs');
const { speaker } = await import('./setup/say.mjs');

const LINGER = 30_000; // jest waits for ever where a test left something open
const KILL = 10_000;

let stoppedBy;

function close({ passed, failed, skipped }) {
  const counts = [`${passed} passed`, `${failed} failed`, ...(skipped > 0 ? [`${skipped} skipped`] : [])];
  process.exitCode = failed > 0 ? 1 : 0;
  if (stoppedBy) process.exitCode = stoppedBy === 'SIGINT' ? 130 : 143;
  process.stdout.write(`${counts.join(', ')}\n`);
}

/** Resolves with jest's exit code, and null where a signal or we ended it. */
function runJest(args, env, results) {
  return new Promise((resolve) => {
    const jest = path.join(root, 'node_modules/jest/bin/jest.js');
    const flags = [
      jest,
      '--config',
      path.join(root, 'jest.config.js'),
      '--json',
      `--outputFile=${results}`,
      ...args,
    ];
    const child = spawn(process.execPath, flags, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] });
    const stop = (signal) => {
      stoppedBy ??= signal;
      child.kill(signal);
      setTimeout(() => child.kill('SIGKILL'), KILL).unref();
    };
    process.on('SIGINT', stop).on('SIGTERM', stop);
    const watch = setInterval(() => {
      if (!isOlderThan(results, LINGER)) return;
      process.stderr.write(
        `jest did not end ${LINGER / 1000} s after its last test: a test left something open\n`,
      );
      child.kill('SIGKILL');
    }, 1_000);
    child.once('error', () => resolve(null));
    child.once('close', (code) => {
      clearInterval(watch);
      process.off('SIGINT', stop).off('SIGTERM', stop);
      resolve(code);
    });
  });
}

function isOlderThan(file, milliseconds) {
  try {
    return Date.now() - statSync(file).mtimeMs > milliseconds;
  } catch {
    return false;
  }
}

function count(results, code) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  try {
    const told = JSON.parse(readFileSync(results, 'utf8'));
    counts.passed = told.numPassedTests;
    counts.failed = told.numFailedTests + told.numRuntimeErrorTestSuites;
    counts.skipped = told.numPendingTests + told.numTodoTests;
  } catch {
    process.stderr.write('jest ended without results\n');
  }
  const nothingRan = counts.passed + counts.failed === 0;
  if ((code !== 0 || nothingRan || stoppedBy) && counts.failed === 0) counts.failed = 1;
  return counts;
}

async function test() {
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'countersign-test-'));
  try {
    const found = await setUp(targets.test, speaker());
    const env = {
      ...process.env,
      TEMPORAL_CLI_PATH: found.temporal.path,
      CHROMIUM_PATH: found.chromium.path,
      POSTGRES_BIN: found.postgres.bin,
      PROMTOOL: found.promtool.path,
    };
    const results = path.join(scratch, 'results.json');
    const code = await runJest(process.argv.slice(2), env, results);
    return count(results, code);
  } catch (error) {
    process.stderr.write(error instanceof SetupError ? `set-up: ${error.message}\n` : `${error.stack}\n`);
    return { passed: 0, failed: 1, skipped: 0 };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

close(await test());
