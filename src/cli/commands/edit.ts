/** `countersign edit`: replaces the args whole, in $EDITOR or by flag; shows the difference before it sends. */
import type { Gate } from '../../app/decide/locate';
import { offered } from '../../app/decide/prepare';
import { AppError } from '../../app/errors';
import type { Packet } from '../../client';
import type { JsonObject } from '../../domain/json';
import { examples, silent, withPorts, type Deps, type ReviewerPorts } from '../command';
import { conclude } from '../conclude';
import { completed, located } from '../decide';
import { difference, draftOf } from '../editor';
import { draftFrom, missingField } from '../given';
import type { GivenOptions } from '../decide-options';
import { jsonArgument } from '../json-argument';
import { decision } from './verdicts';

interface EditOptions extends GivenOptions {
  readonly args?: string | undefined;
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
      withPorts(deps, options, async (ports) => {
        const { workflowId: id, packet } = await located(deps, ports, workflowId, options, 'edit');
        const at = { workflowId: id, packet: packet ?? (await ports.gates.show(id)) };
        if (at.packet.proposal === undefined)
          throw new AppError('GATE_CLOSED', `nothing is open to edit: ${at.packet.status}`);
        if (options.args !== undefined) {
          await sent(deps, ports, at, jsonArgument('--args', options.args), options);
          return;
        }
        if (silent(deps, options)) throw missingField('args', 'edit');
        offered(at.packet, 'edit');
        const draft = draftOf(deps, at.packet);
        try {
          const admitted = await sent(deps, ports, at, draft.read(), options);
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
  ports: ReviewerPorts,
  at: Gate & { readonly packet: Packet },
  edited: unknown,
  options: EditOptions,
): Promise<boolean> {
  deps.streams.err(difference(at.packet.proposal?.args ?? {}, edited));
  // Not yet checked: what cannot be sent is refused.
  const draft = draftFrom('edit', options, { args: edited as JsonObject });
  return conclude(deps, ports, at, await completed(deps, ports, at, draft, options), options);
}
