/** `countersign setup`: what must be there before the first worker. Running it again changes nothing. */
import { setUp, type Attribute } from '../../app/setup';
import { setupPorts } from '../../host';
import { command, examples, type Deps } from '../command';
import { EXIT, jsonLine, visible, visibleId } from '../output';

export const setup = (deps: Deps) =>
  command('setup', 'register the search attributes and prepare the audit store; safe to run again')
    .option(
      '--writer <role>',
      'of PostgreSQL: make a role for workers that may read and add entries, no more',
    )
    .addHelpText(
      'after',
      '\nOn Temporal Cloud it says what to do there, for no client may add search attributes.\n' +
        examples(
          'countersign setup',
          'TEMPORAL_PROFILE=prod COUNTERSIGN_STORE=postgresql://… countersign setup --json',
          'COUNTERSIGN_STORE=postgresql://owner@… countersign setup --writer countersign_worker',
        ),
    )
    .action(async (options) => {
      const { config, streams } = deps;
      const done = await setUp(setupPorts(config), options);
      const { ok, address, namespace, attributes, store, writer, mend = [] } = done;
      if (options.json) streams.out(jsonLine(done));
      else {
        streams.out(visible(setUpText(attributes, `${address}, namespace ${namespace}`, store)));
        if (writer !== undefined)
          streams.out(
            `The role ${visibleId(writer)} may read and add entries, no more. Give it a password, and let workers use it.\n`,
          );
        if (!ok) streams.err(visible(`${mend.join('\n')}\nThen run \`countersign setup\` again.\n`));
      }
      if (!ok) deps.ended(EXIT.refused);
    });

const STATES: Readonly<Record<Attribute['state'], string>> = {
  there: 'was there',
  added: 'added',
  missing: 'MISSING',
  'of another type': 'OF ANOTHER TYPE',
};

function setUpText(attributes: readonly Attribute[], where: string, store: string): string {
  return [
    `Search attributes of ${where}:`,
    ...attributes.map(({ name, type, state }) => `  ${name.padEnd(22)}${type.padEnd(13)}${STATES[state]}`),
    `Audit store: ${store} is ready.`,
    '',
  ].join('\n');
}
