/** Real shells, into which a line is pasted, with commands in place of ours and the stock CLI that keep the words they are called with. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from './app';

/** Each word that it is called with ends with a NUL, which no word can hold, and each call with one more. */
const RECORDS = `#!/bin/sh
{ printf '%s\\0' "\${0##*/}" "$@"; printf '\\0'; } >> "$CALLS"
`;
/** Pastes one line after the other into a shell of its own. */
const PASTES = `shell=$1 calls=$2 canary=$3; shift 3
for line do
  n=$((n + 1))
  CALLS=$calls-$n "$shell" -c "$line" < /dev/null > /dev/null 2>&1
  if [ -e "$canary" ]; then mv "$canary" "$canary-$n"; fi
done
`;

/** Where it is not quoted, each runs `touch`, names another workflow, or is an option. */
const hostileIds = (CANARY: string): Readonly<Record<string, string>> => ({
  'a command behind it': `x; touch ${CANARY} #`,
  'an end of double quotes': `x"; touch ${CANARY}; "`,
  'an end of single quotes': `x'; touch ${CANARY}; '`,
  'a substitution': `$(touch ${CANARY})`,
  'backticks, two of them around nothing': `a\`touch ${CANARY}\`b\`\``,
  'both quotes around a substitution': `'"$(touch ${CANARY})"'`,
  'a line of its own': `x\ntouch ${CANARY}\n#`,
  'a pipe, a redirection, a job': `x | tee ${CANARY} > ${CANARY} &`,
  'a flag': '--help',
  'a short flag with a value': '-w=other',
  'the end of flags': '--',
  'a dash, and what has to be spelt out': '-x\u001b]0;touch\u0007',
  'a terminal that is told what to do': '\u001b[2J\u001b[31mred\u001b[0m\u009b1m',
  'spaces that a browser copies as one': 'a  b   c d',
  globs: '* ? [a-z] {a,b} ~ ~root',
  'history and parameters': 'wow!! !x $$ $? ${IFS} $0',
  'backslashes and formats': 'a\\b\\n\\ %s %d %% \\',
  'other scripts, one of them backwards': '\u202eünïcødé 支払い 💥\u200b',
  'an expansion of zsh': '=touch',
});

export interface Ran {
  /** Of ours and the stock CLI, with their words. */
  readonly calls: readonly string[][];
  /** Something else ran. */
  readonly canary: boolean;
}

export interface Shell {
  readonly directory: string;
  /** The file that `touch` in them makes. */
  readonly CANARY: string;
  readonly IDS: Readonly<Record<string, string>>;
  /** What ran once each line was pasted. */
  pasted(shell: string, lines: readonly string[]): Ran[];
  close(): void;
}

export const SHELLS = ['/bin/sh', '/bin/bash'].filter((shell) => existsSync(shell));

export function openShell(): Shell {
  const directory = temporaryDirectory();
  const at = (...names: string[]) => join(directory.path, ...names);
  const CANARY = at('canary');
  mkdirSync(at('bin'));
  for (const name of ['countersign', 'temporal']) {
    writeFileSync(at('bin', name), RECORDS);
    chmodSync(at('bin', name), 0o755);
  }
  return {
    directory: directory.path,
    CANARY,
    IDS: hostileIds(CANARY),
    pasted(shell, lines) {
      const cwd = mkdtempSync(at('empty-'));
      const env = { PATH: `${at('bin')}:/usr/bin:/bin`, HOME: cwd, LC_ALL: 'C' };
      execFileSync('/bin/sh', ['-c', PASTES, 'pastes', shell, at('calls'), CANARY, ...lines], { cwd, env });
      return lines.map((_, index) =>
        told(`${at('calls')}-${String(index + 1)}`, `${CANARY}-${String(index + 1)}`),
      );
    },
    close: () => {
      directory.remove();
    },
  };
}

function told(calls: string, canary: string): Ran {
  const text = existsSync(calls) ? readFileSync(calls, 'utf8') : '';
  const ran = {
    calls: text
      .split('\0\0')
      .slice(0, -1)
      .map((call) => call.split('\0')),
    canary: existsSync(canary),
  };
  for (const file of [calls, canary]) rmSync(file, { force: true });
  return ran;
}

/** The id as a command takes it: behind its flags and their end, or as the value of one. */
export function idOf([name, ...argv]: readonly string[]): string | undefined {
  if (name === 'temporal') return /^--workflow-id=([^]*)$/.exec(argv[2] ?? '')?.[1];
  const end = argv.indexOf('--');
  if (end !== -1) return argv.length === end + 2 ? argv[end + 1] : undefined;
  return argv[argv[0] === 'audit' ? 2 : 1];
}
