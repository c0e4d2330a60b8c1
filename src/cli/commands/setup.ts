/** `countersign setup`: what must be there before the first worker. Running it again changes nothing. */
import { AppError } from '../../app/errors';
import { openStore, storeName } from '../../store';
import { openFeedback } from '../../store/feedback';
import { ensureSearchAttributes, SearchAttributesError, type AttributeState } from '../../search-attributes';
import { connect } from '../../connection';
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
      // The store first: it is there even where somebody else must add the attributes.
      const { writer } = options;
      if (writer !== undefined && config.store === undefined)
        throw new AppError('INVALID_INPUT', '--writer is a role of PostgreSQL; COUNTERSIGN_STORE names none');
      const store = await openStore(config, { writer });
      try {
        await store.ready();
      } finally {
        await store.close();
      }
      const feedback = await openFeedback(config, { writer });
      try {
        await feedback.ready();
      } finally {
        await feedback.close();
      }
      const { connection, address, namespace } = await connect(options);
      try {
        const found = await ensureSearchAttributes(connection, namespace, address).catch((error: unknown) => {
          if (error instanceof SearchAttributesError) return error;
          throw error;
        });
        const added = 'added' in found ? found.added : [];
        const mend = 'mend' in found ? found.mend : [];
        const attributes = found.attributes.map((attribute) => ({
          ...attribute,
          state: added.includes(attribute.name) ? ('added' as const) : attribute.state,
        }));
        const whole = mend.length === 0;
        if (options.json)
          streams.out(
            jsonLine({
              ok: whole,
              address,
              namespace,
              attributes,
              store: storeName(config),
              ...(writer === undefined ? {} : { writer }),
              ...(whole ? {} : { mend }),
            }),
          );
        else {
          streams.out(visible(told(attributes, `${address}, namespace ${namespace}`, storeName(config))));
          if (writer !== undefined)
            streams.out(
              `The role ${visibleId(writer)} may read and add entries, no more. Give it a password, and let workers use it.\n`,
            );
          if (!whole) streams.err(visible(`${mend.join('\n')}\nThen run \`countersign setup\` again.\n`));
        }
        if (!whole) deps.ended(EXIT.refused);
      } finally {
        await connection.close();
      }
    });

const STATES: Readonly<Record<AttributeState['state'] | 'added', string>> = {
  there: 'was there',
  added: 'added',
  missing: 'MISSING',
  'of another type': 'OF ANOTHER TYPE',
};

function told(
  attributes: readonly { name: string; type: string; state: keyof typeof STATES }[],
  where: string,
  store: string,
): string {
  return [
    `Search attributes of ${where}:`,
    ...attributes.map(({ name, type, state }) => `  ${name.padEnd(22)}${type.padEnd(13)}${STATES[state]}`),
    `Audit store: ${store} is ready.`,
    '',
  ].join('\n');
}
