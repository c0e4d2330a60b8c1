/** `countersign approve | reject | revise | escalate | …`: one decision each, on the digest that was read. */
import type { Draft } from '../../app/decide/prepare';
import type { Verdict } from '../../domain/policy';
import { command, examples, positive, withPorts, type Deps } from '../command';
import { conclude } from '../conclude';
import { completed, located } from '../decide';
import { draftFrom, required } from '../given';
import type { GivenOptions } from '../decide-options';

/** Those that need nothing but a few words; edit and respond have files of their own. */
type Simple = Exclude<Verdict, 'edit' | 'respond'>;

const WHAT: Readonly<Record<Simple, string>> = {
  approve: 'sign the revision that you read',
  reject: 'refuse it, with a comment',
  revise: 'send it back to the agent, with a comment: it proposes the next revision',
  escalate: 'pass it up to the next level, with a reason',
  delegate: 'name somebody who acts on your behalf; together you count once',
  withdraw: 'take your own signature, or rejection, back while the gate is open',
  extend: 'move the deadline, as far as the policy lets you',
  comment: 'put a comment on record; it changes nothing',
  cancel: 'call off what you asked for (the requester)',
};

/** What an example says besides. */
const SAYS: Readonly<Partial<Record<Simple, string>>> = {
  reject: '--comment "wrong order"',
  revise: '--comment "half of it, please"',
  escalate: '--comment "above my limit"',
  delegate: '--to bo',
  extend: '--until "2 hours"',
  comment: '--comment "I asked the customer"',
};

/** The options that every decision has. */
export function decision(deps: Deps, name: string, description: string) {
  return command(name, description)
    .argument('<workflow id>')
    .option(
      '--digest <digest>',
      'the digest of what you read, or its first 12 characters; needed without a terminal',
    )
    .option('--shown <hash>', 'the hash of all that you read, as it was shown: nothing else is decided on')
    .option('--reviewer <name>', 'who decides', deps.defaults.user)
    .option('--comment <text>', 'why')
    .option('--id <decision id>', 'for a safe repeat: the same id and content counts once')
    .option('--key <file>', 'your private key: signs the decision, where the gate asks for that')
    .option('--key-id <id>', 'what the directory calls your key; else as its file says')
    .option('--deployment <name>', 'the deployment that you sign for, and no other')
    .option('--follow', 'where the workflow waits for a level or a step, decide on that one')
    .option('--full', 'show every line before asking')
    .option('--dry-run', 'say what would become of it, and send nothing')
    .option('--timeout <seconds>', 'how long to wait for the receipt', positive, 10);
}

/** What only some of them take. */
const OWN: Readonly<Partial<Record<Simple, readonly [flags: string, description: string]>>> = {
  approve: ['--phrase <text>', 'at VERIFY: the phrase, exactly as the gate shows it'],
  delegate: ['--to <name>', 'who acts on your behalf'],
  extend: ['--until <instant>', 'the new deadline: 2030-05-01T09:00Z, or from now on, such as "2 hours"'],
};

export const verdict = (deps: Deps, name: Simple) => {
  const says = SAYS[name] === undefined ? '' : ` ${SAYS[name]}`;
  const built = decision(deps, name, WHAT[name]);
  const own = OWN[name];
  if (own !== undefined) built.option(...own);
  return built
    .addHelpText(
      'after',
      examples(
        `countersign ${name} proposal-1042${says}`,
        `countersign ${name} proposal-1042 --digest 3f9ac0d2b1e4 --reviewer ana${says} --json`,
        ...(name === 'approve'
          ? [
              'countersign approve delete-1 --digest 3f9ac0d2b1e4 --phrase "DELETE orders-eu" --key ana.key.pem',
            ]
          : []),
      ),
    )
    .action((workflowId, options) => decide(deps, workflowId, name, options));
};

export async function decide(
  deps: Deps,
  workflowId: string,
  verdict: Verdict,
  options: GivenOptions,
  more: Partial<Draft> = {},
): Promise<void> {
  required(deps, verdict, options);
  await withPorts(deps, options, async (ports) => {
    const at = await located(deps, ports, workflowId, options, verdict);
    const draft = draftFrom(verdict, options, more);
    const decision = await completed(deps, ports, at, draft, options);
    await conclude(deps, ports, at, decision, options);
  });
}
