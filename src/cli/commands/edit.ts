/** `countersign edit`: replaces the args whole, in $EDITOR or by flag; shows the difference before it sends. */
import { AppError } from '../../app/errors';
import type { Countersign, DecideInput, Packet } from '../../client';
import { examples, withClient, type Deps } from '../command';
import { conclude } from '../conclude';
import { offered, place, question, silent, type Place } from '../decide';
import { difference, draftOf } from '../editor';
import { completed, type GivenOptions } from '../given';
import { jsonArgument } from '../json-argument';
import { missingFlag } from '../output';
import { decision } from './verdicts';

interface EditOptions extends GivenOptions {
  readonly args?: string | undefined;
  readonly reviewer: string;
}

export const edit = (deps: Deps) =>
  decision(deps, 'edit', 'change the args and sign the changed revision; earlier signatures fall')
    .option('--args <json|@file|->', 'the whole args, as they shall run; without it $EDITOR opens')
    .option('--phrase <text>', 'at VERIFY: the phrase, exactly as the gate shows it')
    .addHelpText(
      'after',
      examples(
        'countersign edit proposal-1042',
        `countersign edit proposal-1042 --args '{"order":1042,"amount":20}' --digest 3f9ac0d2b1e4`,
      ),
    )
    .action((workflowId, options) =>
      withClient(deps, options, async (countersign) => {
        const at = await place(deps, countersign, workflowId, options, 'edit');
        const packet = at.packet ?? (await countersign.show(at.workflowId));
        if (packet.proposal === undefined)
          throw new AppError('GATE_CLOSED', `nothing is open to edit: ${packet.status}`);
        if (options.args !== undefined) {
          const args = jsonArgument('--args', options.args);
          await sent(deps, countersign, { ...at, packet }, args, options);
          return;
        }
        if (silent(deps, options)) throw missingFlag('--args', 'there is nobody to edit');
        offered(packet, 'edit');
        const draft = draftOf(deps, packet);
        try {
          const admitted = await sent(deps, countersign, { ...at, packet }, draft.read(), options);
          if (admitted) draft.remove();
          else draft.keep();
        } catch (error) {
          draft.keep();
          throw error;
        }
      }),
    );

async function sent(
  deps: Deps,
  countersign: Countersign,
  at: Place & { readonly packet: Packet },
  args: unknown,
  options: EditOptions,
): Promise<boolean> {
  deps.streams.err(difference(at.packet.proposal?.args ?? {}, args));
  const { digest, shown, agree } = await question(deps, () => Promise.resolve(at.packet), options, 'edit');
  const { given, typed } = await completed(deps, at.packet, 'edit', options);
  if (!typed) await agree();
  // Not yet checked: the client refuses what cannot be sent.
  const named = shown === undefined ? {} : { shown };
  const said = {
    digest,
    ...named,
    verdict: 'edit',
    reviewer: options.reviewer,
    args,
    ...given,
  } as DecideInput;
  return conclude(deps, countersign, at, said, options);
}
