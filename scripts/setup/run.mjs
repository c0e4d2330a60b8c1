// Runs another program on behalf of set-up: its output is kept for the error message instead of being shown, a line
// tells that it is still at work, and nothing it started outlives us.
import { spawn } from 'node:child_process';
import { childEnvironment, root, withoutAddresses } from './machine.mjs';
import { duration } from './say.mjs';

const running = new Set();
const KEPT = 64 * 1024;

function stopAll(signal) {
  for (const child of running) child.kill(signal);
  process.exit(signal === 'SIGINT' ? 130 : 143); // 'exit' handlers release the locks
}
const onInterrupt = () => stopAll('SIGINT');
const onTerminate = () => stopAll('SIGTERM');

function track(child) {
  if (running.size === 0) process.on('SIGINT', onInterrupt).on('SIGTERM', onTerminate);
  running.add(child);
}

function untrack(child) {
  running.delete(child);
  if (running.size === 0) process.off('SIGINT', onInterrupt).off('SIGTERM', onTerminate);
}

/**
 * Never throws for what the program did: resolves with `{ ok, output, reason }`, `reason` one sentence.
 * `timeout` in ms; `progress(elapsed)` gives the line said every `every` ms.
 */
export function run(
  command,
  args,
  { env, cwd = root, timeout = 600_000, say, progress, every = 10_000 } = {},
) {
  return new Promise((resolve) => {
    const started = Date.now();
    const child = spawn(command, args, {
      cwd,
      env: childEnvironment(env),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    track(child);
    let output = '';
    let ranOut = false;
    const keep = (chunk) => (output = (output + chunk).slice(-KEPT));
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    const heartbeat =
      say &&
      setInterval(
        () => say(progress?.(Date.now() - started) ?? `… ${duration(Date.now() - started)}`),
        every,
      );
    const limit = setTimeout(() => {
      ranOut = true;
      child.kill('SIGKILL');
      child.stdout.destroy(); // a grandchild may hold the pipes open
      child.stderr.destroy();
    }, timeout);
    const done = (ok, reason) => {
      clearInterval(heartbeat);
      clearTimeout(limit);
      untrack(child);
      resolve({ ok, output, reason });
    };
    child.once('error', (error) => done(false, `could not be started (${error.code ?? error.message})`));
    child.once('close', (code, signal) => {
      if (ranOut) return done(false, `gave no answer in ${duration(timeout)}`);
      done(code === 0, code === 0 ? '' : lastWords(output) || `ended with ${signal ?? `code ${code}`}`);
    });
  });
}

/** The sentence of a program's output that most likely says what went wrong. */
function lastWords(output) {
  const lines = withoutAddresses(output)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/complete log of this run|\[notice\]|^npm notice/i.test(line));
  const npmSays = lines.findIndex((line) => line.startsWith('npm error code '));
  if (npmSays >= 0) return lines.slice(npmSays).filter(isNpmReason).slice(0, 2).map(withoutPrefix).join(': ');
  const named = lines.filter((line) => /\berror\b|^E: |not found|refused|denied|failed/i.test(line));
  return (named.at(-1) ?? lines.at(-1) ?? '').slice(0, 300);
}

const isNpmReason = (line) =>
  /^npm error \S/.test(line) && !/^npm error (?:errno|syscall|path|method)\b/.test(line);
const withoutPrefix = (line) => line.replace(/^npm error (?:code )?/, '').slice(0, 300);
