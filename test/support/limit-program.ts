/** Run with --expose-gc: what has no holder is collected every few milliseconds, so that a limit that hangs on nothing never comes. */
import { createServer, type AddressInfo } from 'node:net';
import { createHttp } from '../../src/actions/http';
import { post } from '../../src/providers/post';
import { timeLimit } from '../../src/time-limit';

const LIMIT = 300;
/** Long after the limit; the program is given up then. */
const NEVER = 15_000;
const far = { connect: NEVER * 2, headers: NEVER * 2, idle: NEVER * 2 };

declare const gc: () => void;
setInterval(gc, 20).unref();
const caller = new AbortController();

async function ended(name: string, work: () => Promise<unknown>): Promise<void> {
  const started = performance.now();
  const why = await work().then(
    () => 'it was not cut off',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  process.stdout.write(`${JSON.stringify({ name, why, took: performance.now() - started })}\n`);
}

/** As a caller that keeps the signal alone. */
const signalled = () => {
  const { signal } = timeLimit(LIMIT, caller.signal);
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(signal.reason as Error);
    });
  });
};

setTimeout(() => process.exit(1), NEVER).unref();
const server = createServer((socket) => {
  socket.on('error', () => undefined).resume(); // accepts, and never says a word
});
async function tried(): Promise<void> {
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${String(port)}/`;
  const http = createHttp([{ host: `127.0.0.1:${String(port)}`, private: true }], {
    limits: { ...far, total: LIMIT },
  });
  const call = { key: 'k', workflowId: 'w', digest: 'd', signal: caller.signal };
  await ended('the helper', signalled);
  await ended('http', async () => http.run({ method: 'GET', url }, call));
  await ended('post', () =>
    post(new URL(url), { to: 'it', body: '{}', headers: {}, timeout: LIMIT, keep: 0 }, caller.signal),
  );
  process.exit(0);
}
server.listen(0, '127.0.0.1', () => void tried());
