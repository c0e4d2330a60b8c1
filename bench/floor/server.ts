/** The server to measure on: the one that TEMPORAL_ADDRESS names, or a dev server with the settings of `countersign dev`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDevServer } from '../../src/cli/dev-server';

export async function startServer(
  say: (text: string) => void,
): Promise<{ address: string; version: string; stop(): Promise<void> }> {
  const given = process.env['TEMPORAL_ADDRESS'];
  if (given)
    return { address: given, version: 'a server given by TEMPORAL_ADDRESS', stop: async () => undefined };
  const dataDir = mkdtempSync(join(tmpdir(), 'countersign-bench-server-'));
  const server = await startDevServer({
    dataDir,
    port: 0,
    uiPort: 0,
    headless: true,
    say,
    leave: new AbortController().signal,
  });
  return {
    address: server.address,
    version: 'the dev server, as `countersign dev` starts it',
    async stop() {
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
