/** A command at a real pseudo-terminal, and somebody who types: util-linux's `script` gives it one. */
import { spawn } from 'node:child_process';
import { ended } from './app';

const WITHIN = 60_000;

export interface Terminal {
  /** Everything it has shown. */
  shown(): string;
  /** Waits until what came since the last `sees` or `types` has it. */
  sees(text: string): Promise<void>;
  types(keys: string): void;
  /** Waits for the end; its exit code. */
  ends(): Promise<number | null>;
  /** Ends it, where it has not ended by itself. */
  kill(): Promise<void>;
}

const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;

/** `command` goes to /bin/sh as it stands. */
export function terminal(command: string | readonly string[], env: NodeJS.ProcessEnv): Terminal {
  const line = typeof command === 'string' ? command : command.map(quoted).join(' ');
  const sized = `stty columns 100 rows 50; exec ${line}`; // it has no size of its own
  const child = spawn('script', ['--quiet', '--return', '--flush', '--command', sized, '/dev/null'], {
    env: { TERM: 'xterm', ...env, SHELL: '/bin/sh' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let shown = '';
  let from = 0;
  let wake = () => undefined as unknown;
  child.stdin.on('error', () => undefined); // it may have ended
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    shown += chunk;
    wake();
  });
  const gone = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', (code) => {
      resolve(code);
      wake();
    });
  });
  const late = () => new Error(`not within ${String(WITHIN)} ms; it showed: ${JSON.stringify(shown)}`);
  return {
    shown: () => shown,
    async sees(text) {
      for (const until = Date.now() + WITHIN; ;) {
        const found = shown.indexOf(text, from);
        if (found !== -1) {
          from = found + text.length;
          return;
        }
        if (child.exitCode !== null || Date.now() > until) throw late();
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, 1_000);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    },
    types(keys) {
      from = shown.length;
      child.stdin.write(keys);
    },
    async ends() {
      const timer = setTimeout(() => child.kill('SIGKILL'), WITHIN);
      const code = await gone;
      clearTimeout(timer);
      return code;
    },
    async kill() {
      child.kill('SIGKILL'); // the terminal goes, and a hang-up ends what runs in it
      await ended(child);
    },
  };
}
