/** The stock Temporal dev server alone, in memory, on a free port: as somebody else's server is, with nothing of ours. */
import { spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { ended, temporalBinary } from './app';

export interface DevServer {
  readonly address: string;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export async function startDevServer(...flags: readonly string[]): Promise<DevServer> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const args = ['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--headless', ...flags];
    const child = spawn(temporalBinary(), [...args, '--log-level', 'never'], { stdio: 'ignore' });
    child.once('error', () => undefined); // told below
    const stop = async (signal: NodeJS.Signals = 'SIGKILL') => {
      if (child.pid === undefined) return;
      child.kill(signal);
      await ended(child);
    };
    for (
      const until = Date.now() + 30_000;
      child.pid !== undefined && child.exitCode === null && Date.now() < until;
    ) {
      if (await listens(port)) return { address: `127.0.0.1:${String(port)}`, stop };
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await stop();
    // It picks ports for itself, too, and another test may be quicker.
    if (attempt === 3)
      throw new Error(`the Temporal dev server did not start: ${temporalBinary()} (set TEMPORAL_CLI_PATH)`);
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => {
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
  });
}
