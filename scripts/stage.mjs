// Where the demo and the stories of the examples are played: a directory of its own, `countersign dev` in it, and the
// programs that play. What is started here is stopped here, whatever happens.
import { spawn } from 'node:child_process';
import { createWriteStream, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { root, SetupError } from './setup/machine.mjs';

/** A test names one that it has compiled once; a person runs the clone's. */
const CLI = process.env.STAGE_CLI ?? path.join(root, 'bin/countersign');
const READY_WITHIN = 90_000;
const STOP_WITHIN = 20_000;

/** An error whose message is all that a person needs. */
export class StageError extends Error {}

export const say = (line = '') => void process.stdout.write(`${line}\n`);

class Stage {
  state = mkdtempSync(path.join(os.tmpdir(), 'countersign-demo-'));
  data = path.join(this.state, 'data');
  stopping = false;
  #children = new Set();
  #dev;

  /** Runs a program to its end. It is stopped with us. */
  run(program, args, env, stdio) {
    if (this.stopping) return new Promise(() => {});
    const child = spawn(program, args, { cwd: root, env, stdio });
    this.#children.add(child);
    const out = [];
    const err = [];
    child.stdout?.on('data', (chunk) => out.push(chunk));
    child.stderr?.on('data', (chunk) => err.push(chunk));
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => {
        this.#children.delete(child);
        // Stopped by us: whoever waits for it needs no answer any more.
        if (!this.stopping)
          resolve({ code, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() });
      });
    });
  }

  countersign(args, env, stdio) {
    return this.run(process.execPath, [CLI, ...args], env, stdio);
  }

  /** Resolves with what `countersign dev` tells once it is up: its address, its Web UI. */
  async startDev(env) {
    const log = path.join(this.state, 'dev.log');
    const args = [CLI, 'dev', '--port', '0', '--ui-port', '0', '--data', this.data, '--json'];
    const dev = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#dev = dev;
    dev.stderr.pipe(createWriteStream(log));
    dev.ended = new Promise((resolve) => dev.once('close', resolve));
    let text = '';
    const ready = new Promise((resolve, reject) => {
      dev.stdout.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
        if (text.includes('\n')) resolve();
      });
      dev.once('error', reject);
      const failed = (why) => () => {
        const told = existsSync(log) ? readFileSync(log, 'utf8').trim() : '';
        reject(new StageError(`countersign dev ${why}: ${told || text.trim() || 'it said nothing'}`));
      };
      dev.once('close', failed('ended before it was ready'));
      setTimeout(failed('was not ready in time'), READY_WITHIN).unref();
    });
    await ready;
    const told = JSON.parse(text.split('\n')[0]);
    if (told.address === undefined)
      throw new StageError(`countersign dev did not start: ${told.message ?? text.trim()}`);
    return told;
  }

  /** Everything that runs, by its process id; whoever it belongs to. */
  async stopAll() {
    this.stopping = true;
    for (const child of this.#children) child.kill('SIGTERM');
    const dev = this.#dev;
    if (dev === undefined || dev.exitCode !== null || dev.signalCode !== null) return;
    dev.kill('SIGTERM');
    const late = setTimeout(() => dev.kill('SIGKILL'), STOP_WITHIN);
    await dev.ended;
    clearTimeout(late);
    this.#stopServer();
  }

  /** Only where `dev` had to be killed is there still a pid file, and perhaps a server. */
  #stopServer() {
    try {
      const { server } = JSON.parse(readFileSync(path.join(this.data, 'server.pid'), 'utf8'));
      process.kill(server, 'SIGKILL');
    } catch {
      // It has ended, as it should.
    }
  }
}

/** A profile or an address of one's own must not lead us to another server; `own` names what an example reads itself. */
export function environment(own = /^$/) {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) =>
        name === 'TEMPORAL_CLI_PATH' ||
        !(/^(?:TEMPORAL_|COUNTERSIGN_(?!MODEL))/.test(name) || own.test(name)),
    ),
  );
}

/** Plays on a new stage and clears it away afterwards. The exit code says whether it went well. */
export async function onStage(name, play, { keep = false } = {}) {
  // A terminal that was closed, or a pipe that nobody reads any more, must not keep us from stopping what we started.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const stage = new Stage();
  const cleanUp = () => {
    if (!keep) return rmSync(stage.state, { recursive: true, force: true });
    say(`The state is kept: bin/countersign dev --data ${stage.data} starts it again.`);
  };
  for (const [signal, code] of Object.entries({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }))
    process.on(signal, async () => {
      if (stage.stopping) return;
      process.stderr.write(`\n${name}: ${signal}, stopping what was started …\n`);
      await stage.stopAll();
      cleanUp();
      process.exit(code);
    });
  try {
    await play(stage);
  } catch (error) {
    if (stage.stopping) return;
    process.exitCode = 1;
    const forThePerson = error instanceof StageError || error instanceof SetupError;
    process.stderr.write(`${name}: ${forThePerson ? error.message : error.stack}\n`);
  }
  if (stage.stopping) return;
  say('Stopping what was started …');
  await stage.stopAll();
  cleanUp();
}
