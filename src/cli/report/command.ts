/** `countersign audit report`: the record as a page for whoever audits it, and the same figures for programs. */
import { report } from '../../app/audit/report';
import { AppError } from '../../app/errors';
import type { RecordReader } from '../../app/ports';
import { messageOf } from '../../domain/message';
import type { Heard, Whole } from '../../domain/report-whole';
import type { Asked } from '../../domain/report-figures';
import { command, examples, withRecord, type Deps } from '../command';
import { inOrder, instant } from '../commands/audit/range';
import { EXIT, jsonLine, visibleLine } from '../output';
import { h, tableBegins, TABLE_ENDS } from './html';
import { FOOT, head } from './page';
import { openPage, type Page } from './spool';
import { articleOf, GATE_HEADS, lineOf, othersOf } from './told';

const PAGE = 'audit-report.html';

export const reportOn = (deps: Deps) =>
  command(
    'report',
    'a readable page for an auditor: who approved what, when, after how long, and how it ended',
  )
    .option('--from <instant>', 'what happened at or after it', instant)
    .option('--to <instant>', 'what happened before it', instant)
    .option('--action <name...>', 'gates about these actions alone; else all')
    .option('--out <file>', `the page; a file that is there is replaced; else ${PAGE}, with --json none`)
    .addHelpText(
      'after',
      `\nThe page needs nothing else: no script, nothing from the network. Figures count what happened between --from and --to; a gate that anything happened to in that time is told whole. Exit code 1 where a chain does not hold, which the page says at its top. --json prints the figures.\n${examples(
        'countersign audit report',
        'countersign audit report --from 2026-01-01 --to 2026-04-01 --out quarter.html',
        'countersign audit report --action refund --action sql --out money.html',
        "countersign audit report --json | jq '.figures.people'",
      )}`,
    )
    .action(async ({ action, out, json, ...range }) => {
      const asked: Asked = { ...inOrder(range), actions: action };
      await withRecord(deps, async (record) => {
        const file = out ?? (json === true ? undefined : PAGE);
        const whole =
          file === undefined ? await report({ record }, asked) : await written(file, record, asked, deps);
        if (json === true)
          deps.streams.out(jsonLine({ ...spanOf(asked), ...whole, ...(out === undefined ? {} : { out }) }));
        else deps.streams.out(`${visibleLine(file ?? '')}\n`);
        if (!whole.holds) {
          deps.streams.err(
            `AUDIT_BROKEN: the record does not hold in ${String(whole.broken)} of its chains; countersign audit verify names each place\n`,
          );
          deps.ended(EXIT.refused);
        }
      });
    });

function spanOf({ from, to, actions }: Asked) {
  const at = (time: number) => new Date(time).toISOString();
  return {
    ...(from === undefined ? {} : { from: at(from) }),
    ...(to === undefined ? {} : { to: at(to) }),
    ...(actions === undefined ? {} : { actions }),
  };
}

async function written(file: string, record: RecordReader, asked: Asked, { config }: Deps): Promise<Whole> {
  const made = new Date().toISOString();
  const page = await openPage(file).catch((error: unknown) => {
    throw new AppError('INVALID_INPUT', `--out: cannot write ${file}: ${messageOf(error)}`);
  });
  try {
    let nth = 0;
    const whole = await report({ record }, asked, async (heard) => {
      nth = await tell(page, heard, nth);
    });
    const from = config.store === undefined ? 'the embedded store' : postgres(config.store);
    const gates =
      nth === 0
        ? [h`<p>Nothing is on record for this time and these actions.</p>`]
        : [tableBegins(h`Gates, by workflow`, GATE_HEADS), { added: 'gates' } as const, TABLE_ENDS];
    await page.finish([
      head(whole, { asked, made, from }),
      h`<section aria-labelledby="gates"><h2 id="gates">Gates</h2>\n`,
      ...gates,
      h`</section>\n<section aria-labelledby="told"><h2 id="told">Each of them, as it went</h2>\n`,
      { added: 'articles' },
      h`</section>\n`,
      FOOT,
    ]);
    return whole;
  } finally {
    await page.clear();
  }
}

/** Without its password. */
function postgres(store: string): string {
  const { host, pathname } = new URL(store);
  return `PostgreSQL at ${host}${pathname}`;
}

/** What is to be told of one chain; how many of it all are told now. */
async function tell(page: Page, heard: Heard, before: number): Promise<number> {
  let nth = before;
  const { questions, others } = heard.story;
  for (const question of questions) {
    nth += 1;
    await page.add('gates', lineOf(question, heard, nth));
    await page.add('articles', articleOf(question, heard, nth));
  }
  if (others.length > 0) {
    nth += 1;
    await page.add('articles', othersOf(heard, nth));
  }
  return nth;
}
