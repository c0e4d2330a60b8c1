/** `countersign policy test`: whether the rules do what their author expects, and which of them a proposal meets, without a server. */
import { AppError } from '../../app/errors';
import { Command } from '@commander-js/extra-typings';
import { problems } from '../../domain/gate/decision';
import { guard } from '../../domain/json';
import { messageOf } from '../../domain/message';
import { Proposal } from '../../domain/proposal';
import type { Ruled } from '../../domain/gate/policy-source';
import { visibleJson } from '../../domain/visible';
import { policyRules, type Met, type PolicyFile, type Said } from '../../host';
import { examples, type Deps } from '../command';
import { jsonArgument } from '../json-argument';
import { EXIT, Failure, jsonLine, visible, visibleLine } from '../output';

export const policy = (deps: Deps) =>
  new Command('policy')
    .description('the rules that say who is asked')
    .addHelpText('after', examples('countersign policy test --file policy.yaml'))
    .addCommand(test(deps));

const test = (deps: Deps) =>
  new Command('test')
    .description('try the expectations of a policy file, or say which rule a proposal meets')
    .option('--file <path>', 'the policy file; else COUNTERSIGN_POLICY')
    .option(
      '--proposal <json>',
      'JSON, @file, or - for standard input: action and args, and what else rules look at',
    )
    .option('--requester <name>', 'who asks; else the one in the proposal')
    .option('--json', 'machine output: one JSON line on stdout')
    .addHelpText(
      'after',
      '\nEnds with 0 where every expectation is met, or the proposal meets a policy; 1 where not; 2 where the file is not right.\n' +
        "What the file lets somebody's mere word decide is warned of, and changes nothing of how it ends.\n" +
        'What a proposal leaves out: confidence 1, sensitive false, requester somebody, requesterProven false, risk medium. Its args are taken as they are;\n' +
        "a worker has the action's schema over them first.\n" +
        examples(
          'countersign policy test --file policy.yaml',
          'COUNTERSIGN_POLICY=policy.yaml countersign policy test --json',
          `countersign policy test --proposal '{"action":"refund","args":{"amount":40},"confidence":0.95}'`,
          'countersign policy test --file policy.yaml --proposal @refund.json --requester svc-orders',
        ),
    )
    .action(async ({ file: named, proposal, requester, json }) => {
      const file = await fileOf(named ?? deps.config.policy, named !== undefined);
      if (proposal === undefined && requester !== undefined)
        throw new AppError('INVALID_INPUT', '--requester goes with --proposal');
      if (proposal === undefined) table(deps, file, json === true);
      else explained(deps, file, proposed(jsonArgument('--proposal', proposal), requester), json === true);
    });

async function fileOf(named: string | undefined, flag: boolean): Promise<PolicyFile> {
  const variable = flag ? '--file' : 'COUNTERSIGN_POLICY';
  const file = await policyRules()
    .loadPolicies(named, process.cwd(), variable)
    .catch((error: unknown) => {
      throw new Failure('POLICY_FILE', messageOf(error));
    });
  if (file !== undefined) return file;
  const message = 'there is no policy file to test: name one with --file, or in COUNTERSIGN_POLICY';
  throw new Failure('POLICY_FILE', message);
}

function proposed(given: unknown, requester: string | undefined): Ruled {
  const refused = (problem: string) => new AppError('INVALID_INPUT', `--proposal: ${problem}`);
  const unfit = guard(given);
  if (unfit !== undefined) throw refused(unfit);
  const whole = requester === undefined || typeof given !== 'object' ? given : { ...given, requester };
  // What a proposal says to people does not concern rules, and may be there.
  const toPeople = Proposal.pick({ title: true, rationale: true, evidence: true }).partial();
  const parsed = policyRules().Proposed.extend(toPeople.shape).safeParse(whole);
  if (!parsed.success) throw refused(problems(parsed.error));
  return parsed.data;
}

function table(deps: Deps, file: PolicyFile, json: boolean): void {
  const { streams } = deps;
  const { green, red } = streams.colours.out;
  const tried = policyRules().expectations(file);
  const missed = tried.filter(({ ok }) => !ok).length;
  const warned = policyRules().warnings(file);
  if (json)
    streams.out(jsonLine({ ok: missed === 0, file: file.named, expectations: tried, warnings: warned }));
  for (const { name, ok, expected, came } of json ? [] : tried)
    streams.out(
      ok
        ? `${green('ok    ')}  ${visibleLine(name)}\n`
        : `${red('not ok')}  ${visibleLine(name)}: expected ${words(expected)}; it is ${words(came)}\n`,
    );
  if (!json) streams.out(`${summary(file, tried.length, missed)}\n`);
  for (const one of json ? [] : warned) streams.err(`warn    ${visibleLine(one)}\n`);
  if (missed > 0) deps.ended(EXIT.refused);
}

function summary({ named, deny, rules }: PolicyFile, count: number, missed: number): string {
  const right = `${visibleLine(named)} is right: ${String(deny.length)} deny, ${String(rules.length)} rules`;
  if (count === 0) return `${right}; it expects nothing, so nothing was tried (write some under expect)`;
  return `${right}; ${String(count - missed)} of ${String(count)} expectations are met`;
}

/** `rule small refunds, policy small`, of what is said. */
function words(said: Said): string {
  const { rule, policy, confirmation, denied, error } = said;
  const facts = Object.entries({ rule, policy, confirmation }).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key} ${value}`],
  );
  if (denied === true) facts.push('denied');
  // What meets a policy is not denied.
  if (denied === false && policy === undefined) facts.push('not denied');
  if (error !== undefined) facts.push(`an error: ${error}`);
  return facts.map(visibleLine).join(', ');
}

function explained(deps: Deps, file: PolicyFile, ruled: Ruled, json: boolean): void {
  const { streams } = deps;
  const { met, ...weighed } = policyRules().weigh(file, ruled);
  if (json) streams.out(jsonLine({ ...weighed, met }));
  else {
    for (const one of met) streams.out(`${line(one)}\n`);
    if (weighed.ok) {
      const { rule, called, policy: asked } = weighed;
      const by = rule === undefined ? 'no rule matches' : `by the rule ${rule}`;
      streams.out(`${visibleLine(`${by}: the policy ${called}`)}\n${visibleJson(asked)}\n`);
    } else streams.out(`${visible(`${weighed.code}: ${weighed.message}`)}\n`);
  }
  if (!weighed.ok) deps.ended(EXIT.refused);
}

function line({ kind, name, place, outcome, problem }: Met): string {
  const why = problem === undefined ? '' : `: ${problem}`;
  return visibleLine(`${kind.padEnd(4)}  ${place}  ${name}  ${outcome}${why}`);
}
