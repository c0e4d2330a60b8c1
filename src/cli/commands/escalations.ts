/** `countersign escalations`: who was asked about one question, level after level, when, and why it went on. */
import type { Escalations, LevelSeen } from '../../client';
import { commandOn } from '../../domain/paste';
import { command, examples, withClient, type Deps } from '../command';
import { jsonLine, local, visibleId, visibleLine } from '../output';
import { clock, took } from '../spans';

export const escalations = (deps: Deps) =>
  command('escalations', 'who was asked, agents and people, level after level: when, and why it went on')
    .argument('<workflow id>')
    .addHelpText(
      'after',
      `\nThe id is the gate's, or that of one of its levels. Times are those of this machine's clock.\n${examples(
        'countersign escalations ticket-1042',
        'countersign escalations ticket-1042/HUMAN',
        "countersign escalations ticket-1042 --json | jq -r '.levels[] | [.name, .confidence, .why]'",
      )}`,
    )
    .action((workflowId, options) =>
      withClient(deps, options, async (countersign) => {
        const found = await countersign.escalations(workflowId);
        deps.streams.out(options.json ? jsonLine(found) : ladderText(deps, found));
      }),
    );

function ladderText({ defaults, streams }: Deps, found: Escalations): string {
  const { levels } = found;
  const width = Math.max(0, ...levels.map(({ name }) => visibleId(name).length));
  const lines = levels.map((level, index) => {
    const branch = index === levels.length - 1 ? '└─' : '├─';
    const before = levels[index - 1]?.started ?? found.started;
    const line = `${what(level)}  ${when(level, before)}`;
    return defaults.plain
      ? `${String(index + 1)}. ${visibleId(level.name)}: ${line}`
      : `${branch} ${visibleId(level.name).padEnd(width)}  ${line}`;
  });
  const none = levels.length === 0 ? ['nobody was asked'] : [];
  return [head(streams.colours.out.bold(visibleId(found.workflowId)), found), ...lines, ...none, ''].join(
    '\n',
  );
}

function head(id: string, { type, status, outcome, reason, started, closed }: Escalations): string {
  const why = outcome === undefined && reason !== undefined ? ` (${cut(reason)})` : '';
  const end = outcome ?? status.toLowerCase();
  return `${id}  ${visibleId(type)}: ${visibleId(end)}${why}  ${local(started)}${closed === undefined ? '' : ` +${took(started, closed)}`}`;
}

/** What came of it, and why the next one was asked. */
function what(level: LevelSeen): string {
  const { kind, status, confidence, outcome, reason, to, why } = level;
  const sure = kind === 'agent' && confidence !== undefined ? [String(confidence)] : [];
  const end =
    status === 'RUNNING'
      ? [kind === 'agent' ? 'is asked' : `is asked (${visibleId(commandOn('show', level.workflowId))})`]
      : kind === 'agent' && outcome === 'answered'
        ? answer(level)
        : [visibleId(outcome ?? status.toLowerCase())];
  const because = reason === undefined || reason === why || to !== undefined ? [] : [`(${cut(reason)})`];
  const on = to === undefined ? [] : [`→ ${visibleId(to)}${why === undefined ? '' : ` (${cut(why)})`}`];
  return [...sure, ...end, ...because, ...on].join(' ');
}

function answer({ answer: said, action, sensitive }: LevelSeen): string[] {
  return [
    ...(action === undefined ? [] : [`proposes ${visibleId(action)}`]),
    ...(said === undefined || said === null ? [] : [cut(JSON.stringify(said))]),
    ...(sensitive === true ? ['sensitive'] : []),
  ];
}

/** As much as one reads in a line; `--json` has all of it. */
function cut(text: string): string {
  const shown = visibleLine(text);
  return shown.length > 120 ? `${shown.slice(0, 119)}…` : shown;
}

function when({ started, closed, status }: LevelSeen, before: string): string {
  const at = clock(started, before);
  if (closed !== undefined) return `${at} +${took(started, closed)}`;
  return status === 'RUNNING' ? `${at} +${took(started, new Date().toISOString())} so far` : at;
}
