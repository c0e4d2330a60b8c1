/** The completion scripts in the shells they are for: bash by its own variables, and all of them at a terminal. */
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run } from '../../src/cli/main';
import { run as spawned, temporaryDirectory } from '../support/app';
import { commands, kept } from '../support/cli-program';
import { terminal } from '../support/terminal';

const directory = temporaryDirectory();
const home = directory.path;
const env = { HOME: home, PATH: `${home}/bin${delimiter}${process.env['PATH'] ?? ''}`, LC_ALL: 'C.UTF-8' };

/** What the inbox says, as it says it: one line, hostile characters escaped. */
const INBOX = JSON.stringify([
  { workflowId: 'pay-1', title: 'a "workflowId":"made-up"' },
  { workflowId: 'pay:2' },
  { workflowId: 'pay $(touch pwned) `touch pwned`' },
  { workflowId: 'hidden\u001b[2J' },
  { workflowId: 'quo"ted' },
]);

beforeAll(async () => {
  for (const folder of ['bin', 'folder']) mkdirSync(join(home, folder));
  for (const file of ['refund.json', 'a b.json']) writeFileSync(join(home, file), '{}');
  writeFileSync(join(home, 'inbox.json'), `${INBOX}\n`);
  // An inbox that says what no server of ours says at will, and hangs where it is told to; the real one is in test/e2e.
  writeFileSync(
    join(home, 'bin', 'countersign'),
    `#!/bin/sh\n[ "$*" = "inbox --json" ] || exec echo "$*" >> ${home}/called\n[ ! -e ${home}/hang ] || exec sleep 10\ncat ${home}/inbox.json\n`,
  );
  chmodSync(join(home, 'bin', 'countersign'), 0o755);
  for (const shell of ['bash', 'zsh', 'fish']) {
    const streams = kept();
    expect(await run(commands(streams), ['completion', shell], streams)).toBeUndefined();
    writeFileSync(join(home, `completion.${shell}`), streams.said.out);
  }
});
afterAll(() => {
  directory.remove();
});

/** What bash offers behind `line`, whose words are given as readline splits them. */
async function offered(line: string, words: readonly string[]): Promise<string[]> {
  const program = `
    source ~/completion.bash
    cd ~
    COMP_WORDBREAKS=$' \\t\\n"\\'@><=;|&(:'
    COMP_LINE=$1
    COMP_POINT=\${#COMP_LINE}
    shift
    COMP_WORDS=("$@")
    COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
    complete -p countersign >&2
    _countersign countersign "\${COMP_WORDS[COMP_CWORD]}" "\${COMP_WORDS[COMP_CWORD - 1]}"
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const ran = await spawned('bash', ['--norc', '-c', program, 'bash', line, ...words], env);
  expect(ran).toMatchObject({ code: 0, err: 'complete -F _countersign countersign\n' });
  return ran.out.split('\n').filter((one) => one !== '');
}
const behind = (line: string) => offered(line, line.split(' '));

it.each([
  { line: 'countersign ap', offers: ['approve'] },
  { line: 'countersign re', offers: ['review', 'reject', 'revise', 'respond', 'result', 'reconcile'] },
  { line: 'countersign audit v', offers: ['verify'] },
  { line: 'countersign completion ', offers: ['bash', 'zsh', 'fish'] },
  { line: 'countersign respond --an', offers: ['--answer'] },
  { line: 'countersign respond x --dry', offers: ['--dry-run'] },
  { line: 'countersign escalate x --k', offers: ['--key', '--key-id'] },
  { line: 'countersign escalate x --key re', offers: ['refund.json'] },
  { line: 'countersign confirm x --level ', offers: ['INFO', 'CONFIRM', 'VERIFY'] },
  { line: 'countersign delegate pay-', offers: ['pay-1'] },
  { line: 'countersign audit show --ad', offers: ['--address'] },
  { line: 'countersign --v', offers: ['--version'] },
  { line: 'countersign dev --data f', offers: ['folder/'] },
  { line: 'countersign start --input re', offers: ['refund.json'] },
  { line: 'countersign start --input a', offers: ['a\\ b.json'] },
  { line: 'countersign propose --reviewer ', offers: [] },
  { line: 'countersign propose --id ', offers: [] },
  {
    line: 'countersign approve pay',
    offers: ['pay-1', 'pay:2', 'pay\\ \\$\\(touch\\ pwned\\)\\ \\`touch\\ pwned\\`'],
  },
  { line: 'countersign approve --reviewer ana pay-', offers: ['pay-1'] },
  { line: 'countersign audit show pay-', offers: ['pay-1'] },
  { line: 'countersign approve --comment pay-', offers: [] },
  { line: 'countersign approve pay-1 pay-', offers: [] },
  { line: 'countersign nonsense ', offers: [] },
])('bash: $line', async ({ line, offers }) => {
  expect(await behind(line)).toEqual(offers);
  expect(existsSync(join(home, 'pwned'))).toBe(false);
});

it.each([
  { line: 'countersign approve pay:', words: ['countersign', 'approve', 'pay', ':'], offers: ['2'] },
  {
    line: 'countersign show --address 127.0.0.1:7233 pay-',
    words: ['countersign', 'show', '--address', '127.0.0.1', ':', '7233', 'pay-'],
    offers: ['pay-1'],
  },
  {
    line: 'countersign start --input=re',
    words: ['countersign', 'start', '--input', '=', 're'],
    offers: ['refund.json'],
  },
  {
    line: 'countersign propose --proposal @re',
    words: ['countersign', 'propose', '--proposal', '@re'],
    offers: ['@refund.json'],
  },
])('bash joins what readline splits: $line', async ({ line, words, offers }) => {
  expect(await offered(line, words)).toEqual(offers);
});

it('an inbox that hangs, and one that fails, offer nothing and say nothing', async () => {
  writeFileSync(join(home, 'hang'), '');
  try {
    const started = Date.now();
    expect(await behind('countersign approve pay')).toEqual([]);
    expect(Date.now() - started).toBeLessThan(8_000); // it is silent for 10 s
  } finally {
    rmSync(join(home, 'hang'));
  }
  writeFileSync(join(home, 'inbox.json'), '{"code":"UNREACHABLE","message":"no server"}\n');
  try {
    expect(await behind('countersign approve ')).toEqual([]);
  } finally {
    writeFileSync(join(home, 'inbox.json'), `${INBOX}\n`);
  }
});

const LOAD = {
  bash: { start: ['bash', '--norc', '-i'], load: 'source ~/completion.bash' },
  zsh: {
    start: ['zsh', '-f', '-i'],
    load: 'autoload -U compinit && compinit -D -u && source ~/completion.zsh',
  },
  fish: { start: ['fish', '--no-config', '-i'], load: 'source ~/completion.fish' },
};

for (const shell of ['bash', 'zsh', 'fish'] as const) {
  const found = env.PATH.split(delimiter).some((folder) => existsSync(join(folder, shell)));
  // bash is wherever our tests run; the others are tried where they are, and said where they are not.
  if (!found && shell !== 'bash') {
    process.stderr.write(`completion: there is no ${shell} on PATH, so it is not tried at a terminal\n`);
    continue;
  }
  it(`${shell} at a terminal`, async () => {
    const { start, load } = LOAD[shell];
    const at = terminal(start, { ...env, TERM: 'dumb' });
    try {
      // Printed in two halves, so that the echo of what was typed is not taken for it.
      at.types(`cd ~; ${load}; echo rea"dy"\n`);
      await at.sees('ready');
      at.types('countersign appr\tpay-\t--dr\t\n');
      at.types('countersign start --input @ref\t\n');
      at.types('exit\n');
      await at.ends();
      const called = readFileSync(join(home, 'called'), 'utf8');
      expect(called).toBe('approve pay-1 --dry-run\nstart --input @refund.json\n');
    } finally {
      await at.kill();
      rmSync(join(home, 'called'), { force: true });
    }
  });
}
