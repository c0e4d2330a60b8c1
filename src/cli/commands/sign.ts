/**
 * `countersign sign`: a signed decision, printed and not sent, for whoever sends it by other means: the Web UI, the Temporal
 * CLI, or from another machine than the one that holds the key.
 */
import { elsewhere } from '../../app/decide/locate';
import { offered, type Draft } from '../../app/decide/prepare';
import { AppError } from '../../app/errors';
import { Option } from '@commander-js/extra-typings';
import type { DecideInput, Packet } from '../../client';
import { PacketSchema } from '../../domain/answers';
import { problems, type Decision } from '../../domain/gate/decision';
import { guard, LIMITS } from '../../domain/json';
import { ALL_VERDICTS, type Verdict } from '../../domain/verdicts';
import { commandOn } from '../../domain/paste';
import { command, examples, withClient, type Deps } from '../command';
import { completed } from '../decide';
import { difference } from '../editor';
import { draftFrom, required } from '../given';
import type { GivenOptions } from '../decide-options';
import { jsonArgument } from '../json-argument';
import { Failure, jsonLine, local, visibleId } from '../output';
import { lastReadIn } from '../seen';
import { EXPIRES, signedBy, type SigningOptions } from '../sign';

export const sign = (deps: Deps) =>
  command('sign', 'sign a decision and print it, for the Web UI or the Temporal CLI; nothing is sent')
    .argument('<workflow id>')
    .addOption(
      new Option('--verdict <verdict>', 'what you decide').choices(ALL_VERDICTS).makeOptionMandatory(),
    )
    .requiredOption('--key <file>', 'your private key, as `countersign keygen` made it')
    .option('--key-id <id>', 'what the directory calls it; else as the file says')
    .option('--deployment <name>', 'the deployment that you sign for, and no other')
    .option('--reviewer <name>', 'who decides', deps.defaults.user)
    .option(
      '--digest <digest>',
      'the digest of what you read, or its first 12 characters; needed without a terminal',
    )
    .option('--shown <hash>', 'the hash of all that you read, as it was shown: nothing else is signed')
    .option(
      '--packet <json|@file|->',
      'the gate, as `countersign show --json` printed it, where no server is in reach',
    )
    .option('--comment <text>', 'why')
    .option('--args <json|@file|->', 'edit: the whole args, as they shall run')
    .option('--answer <text|json|@file|->', 'respond: the answer')
    .option('--phrase <phrase>', 'at VERIFY, exactly as the gate shows it')
    .option('--to <name>', 'delegate: who acts on your behalf')
    .option('--until <instant>', 'extend: the new deadline, ISO 8601')
    .option('--id <decision id>', 'of your own choice; else a new one')
    .option('--expires <duration>', 'how long the signature is good for, at most 24 hours', EXPIRES)
    .option('--full', 'show every line before asking')
    .addHelpText(
      'after',
      examples(
        'countersign sign proposal-1042 --verdict approve --reviewer ana --key ana.key.pem',
        'countersign sign proposal-1042 --verdict approve --key ana.key.pem --digest 3f9ac0d2b1e4 --packet @gate.json',
      ),
    )
    .action(async (workflowId, options) => {
      const packet =
        options.packet === undefined
          ? await withClient(deps, options, (countersign) => countersign.showAtEnd(workflowId))
          : packetOf(workflowId, jsonArgument('--packet', options.packet));
      const decision = await decisionToSign(deps, packet, options);
      const from = { workflowId, read: () => Promise.resolve(packet) };
      const signed = await signedBy(deps, options, from, decision);
      deps.streams.out(jsonLine(signed));
      deps.streams.err(signedText(packet, signed));
    });

interface SignOptions extends SigningOptions, Omit<GivenOptions, 'timeout'> {
  readonly verdict: Verdict;
  readonly args?: string | undefined;
  readonly answer?: string | undefined;
}

/** A packet holds a proposal, what was before it and what it previews: each within the limits of a payload. */
const PACKET = { depth: 2 * LIMITS.depth, nodes: 100 * LIMITS.nodes, bytes: 100 * LIMITS.bytes };

/** @throws AppError INVALID_INPUT */
function packetOf(workflowId: string, given: unknown): Packet {
  const { closedBy } = (given ?? {}) as { readonly closedBy?: unknown };
  if (typeof closedBy === 'string')
    throw new AppError(
      'ALREADY_CLOSED',
      `--packet is of a gate that was ended without a decision (${closedBy}); nothing was signed`,
    );
  const unfit = guard(given, PACKET);
  const parsed = PacketSchema.safeParse(given);
  if (unfit !== undefined || !parsed.success)
    throw new AppError(
      'INVALID_INPUT',
      `--packet is not the gate as show prints it: ${unfit ?? (parsed.success ? '' : problems(parsed.error))}`,
    );
  const { data } = parsed;
  if (data.workflowId === workflowId) return data as Packet;
  throw new AppError('INVALID_INPUT', `--packet is of ${data.workflowId}, not of ${workflowId}`);
}

/** What is decided, from flags and, at a terminal, from whoever has read the gate there. */
async function decisionToSign(deps: Deps, packet: Packet, signOptions: SignOptions): Promise<DecideInput> {
  const options = { ...signOptions, timeout: 0 };
  const { verdict, id } = options;
  asksHere(packet, verdict);
  if (verdict === 'edit' && options.args === undefined) throw missing('--args', verdict);
  if (verdict === 'respond' && options.answer === undefined) throw missing('--answer', verdict);
  required(deps, verdict, options);
  const args = options.args === undefined ? undefined : jsonArgument('--args', options.args);
  const answer = options.answer === undefined ? undefined : jsonArgument('--answer', options.answer, 'text');
  if (args !== undefined) deps.streams.err(difference(packet.proposal?.args ?? {}, args));
  // Not yet checked: what is no decision is not signed.
  const draft = { ...draftFrom(verdict, options), args, answer } as Draft;
  const at = { workflowId: packet.workflowId, packet };
  const ports = { identity: { name: options.reviewer }, lastRead: lastReadIn(deps.defaults.dataDir) };
  const decision = await completed(deps, ports, at, draft, options);
  return id === undefined ? decision : { ...decision, id };
}

/** @throws AppError where the gate would take no such decision, whoever signed it */
function asksHere(packet: Packet, verdict: Verdict): void {
  const { child, code = 'ASK_CHILD', message = '' } = elsewhere(packet) ?? {};
  if (child !== undefined) throw new AppError(code, `${message}: \`${commandOn('sign', child)}\``);
  offered(packet, verdict);
}

const missing = (flag: string, verdict: Verdict) =>
  new Failure('FLAG_MISSING', `${flag} is needed: ${verdict} is nothing without it`);

function signedText(
  { workflowId, authentication }: Packet,
  { verdict, reviewer, signature }: Decision,
): string {
  const open = authentication === 'open' ? 'This gate believes names: it does not look at signatures.\n' : '';
  return (
    `${open}Signed: ${verdict} by ${visibleId(reviewer)}, with key ${visibleId(signature?.key ?? '')}. Nothing was sent.\n` +
    `Send it as the signal decide of ${visibleId(workflowId)}, before ${local(signature?.expires)}.\n`
  );
}
