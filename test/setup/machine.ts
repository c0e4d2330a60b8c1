// A pretended machine for the tests of set-up: its own home and its own PATH, where small scripts stand in for the
// programs that a real machine has. Set-up itself runs for real, as a process.
import { spawn } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export const repository = path.resolve(__dirname, '../..');

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly milliseconds: number;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Nothing listens there, and fetch has no objection to the port: what a machine without a route meets. */
export const NOWHERE = 'http://127.0.0.1:47';

export class Machine {
  readonly directory = mkdtempSync(path.join(os.tmpdir(), 'countersign-machine-'));
  readonly home = this.makeDirectory('home');
  readonly bin = this.makeDirectory('bin');

  makeDirectory(name: string): string {
    const made = path.join(this.directory, name);
    mkdirSync(made, { recursive: true });
    return made;
  }

  /** Puts a shell script on this machine, on PATH unless a folder is named; `sh` is its body. */
  script(name: string, sh: string, folder = this.bin): string {
    const file = path.join(folder, name);
    writeFileSync(file, `#!/bin/sh\n${sh}\n`);
    chmodSync(file, 0o755);
    return file;
  }

  /** A temporal CLI that can tell its version, and nothing else. */
  temporal(version: string, server: string, folder = this.bin): string {
    return this.script('temporal', temporalSays(version, server), folder);
  }

  /** A checkout of its own: set-up, the lockfile given, and what else is named, copied or linked from ours. */
  checkout(lockfile: object, { copied = [] as string[], linked = [] as string[] } = {}): string {
    const root = this.makeDirectory('checkout');
    for (const name of ['scripts', ...copied]) {
      cpSync(path.join(repository, name), path.join(root, name), { recursive: true });
    }
    for (const name of linked) symlinkSync(path.join(repository, name), path.join(root, name));
    if (!copied.includes('package-lock.json')) {
      writeFileSync(path.join(root, 'package-lock.json'), JSON.stringify(lockfile));
    }
    return root;
  }

  setUp(args: readonly string[], env: Env = {}): Promise<Ended> {
    return this.node([path.join(repository, 'scripts/setup.mjs'), ...args], env);
  }

  node(args: readonly string[], env: Env = {}, cwd = this.directory): Promise<Ended> {
    const given: Env = {
      HOME: this.home,
      PATH: this.bin,
      TMPDIR: this.makeDirectory('tmp'),
      COUNTERSIGN_TEMPORAL_DOWNLOAD: NOWHERE,
      ...env,
    };
    const started = Date.now();
    return new Promise((resolve, reject) => {
      const defined = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
      const child = spawn(process.execPath, args, { cwd, env: defined, stdio: ['ignore', 'pipe', 'pipe'] });
      let stdout = '';
      let stderr = '';
      child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
      child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
      child.once('error', reject);
      child.once('close', (code) => {
        resolve({ code, stdout, stderr, milliseconds: Date.now() - started });
      });
    });
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export function temporalSays(version: string, server: string): string {
  return `echo "temporal version ${version} (Server ${server}, UI 2.54.1)"`;
}
