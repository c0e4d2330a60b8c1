/** `countersign audit directory`: the file of reviewers as its hash stands in the record, for whoever verifies that in another language. */
import { AppError } from '../../../app/errors';
import { createRequire } from 'node:module';
import { canonical } from '../../../domain/digest';
import { messageOf } from '../../../domain/message';
import { command, examples, type Deps } from '../../command';

/** YAML is loaded only where it is used. */
const provider = () =>
  createRequire(__filename)(
    '../../../providers/reviewers/proof',
  ) as typeof import('../../../providers/reviewers/proof');

export const printDirectory = (deps: Deps) =>
  command('directory', 'a reviewers directory as canonical JSON: its SHA-256 is what the record names it by')
    .argument('<file>', 'YAML or JSON')
    .addHelpText('after', examples('countersign audit directory reviewers.yaml > reviewers.json'))
    .action(async (file) => {
      const directory = await provider()
        .readProofDirectory(file, process.cwd())
        .catch((error: unknown) => {
          throw new AppError('INVALID_INPUT', messageOf(error));
        });
      deps.streams.out(canonical(directory));
    });
