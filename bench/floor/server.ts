/**
 * The servers to measure on: a dev server as `countersign dev` starts it, one as `temporal server start-dev` starts it, which is what
 * most have, and the one that TEMPORAL_ADDRESS names.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDevServer } from '../../src/cli/dev-server';

export interface Server {
  readonly name: string;
  readonly address: string;
  stop(): Promise<void>;
}

type Start = (say: (text: string) => void) => Promise<Server>;

/** @param described what the server of TEMPORAL_ADDRESS is, for the report */
export function servers(described: string): Start[] {
  const address = process.env['TEMPORAL_ADDRESS'];
  const given = address ? [async () => ({ name: described, address, stop: async () => undefined })] : [];
  return [
    dev('the dev server, as `countersign dev` starts it', true),
    dev('the dev server, as `temporal server start-dev` starts it', false),
    ...given,
  ];
}

function dev(name: string, tuned: boolean): Start {
  return async (say) => {
    const dataDir = mkdtempSync(join(tmpdir(), 'countersign-bench-server-'));
    const leave = new AbortController().signal;
    const server = await startDevServer({ dataDir, port: 0, uiPort: 0, headless: true, say, leave, tuned });
    const stop = async () => {
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    };
    return { name, address: server.address, stop };
  };
}
