/** `countersign doctor`: whether everything is there that a decision needs, each trouble with its mend. */
import { forgetVariables } from '../../config';
import { examine, type Check } from '../../doctor';
import { command, examples, type Deps } from '../command';
import { EXIT, jsonLine, visible, type Colours } from '../output';

export const doctor = (deps: Deps) =>
  command(
    'doctor',
    'look at server, attributes, worker, store, model, actions, clock, and who can write what the worker judges by',
  )
    .addHelpText(
      'after',
      '\nEnds with 0 where nothing fails, 1 where something does, 3 where no server answers.\n' +
        examples(
          'countersign doctor',
          'countersign doctor --json | jq \'.checks[] | select(.status != "ok")\'',
        ),
    )
    .action(async (options) => {
      const { config } = deps;
      forgetVariables(); // it loads own actions, as the worker does
      const { checks, reached } = await examine(config, options);
      const failed = checks.some(({ status }) => status === 'fail');
      if (options.json) deps.streams.out(jsonLine({ ok: !failed, checks }));
      else {
        const width = Math.max(...checks.map(({ name }) => name.length));
        for (const check of checks) deps.streams.out(checkText(check, width, deps.streams.colours.out));
      }
      if (failed) deps.ended(reached ? EXIT.refused : EXIT.unreachable);
    });

/** The mark is a word, for those who do not see colours. */
function checkText({ name, status, says, mend = [] }: Check, width: number, colours: Colours): string {
  const paint = { ok: colours.green, warn: colours.yellow, fail: colours.red }[status];
  const lines = [
    `${paint(status.padEnd(4))}  ${name.padEnd(width)}  ${says}`,
    ...mend.map((line) => `      → ${line}`),
  ];
  return lines.map((line) => `${visible(line)}\n`).join('');
}
