/** `countersign audit directory`: the file of reviewers as its hash stands in the record, for whoever verifies that in another language. */
import { canonical } from '../../../domain/digest';
import { readDirectory } from '../../../host';
import { command, examples, type Deps } from '../../command';

export const printDirectory = (deps: Deps) =>
  command('directory', 'a reviewers directory as canonical JSON: its SHA-256 is what the record names it by')
    .argument('<file>', 'YAML or JSON')
    .addHelpText('after', examples('countersign audit directory reviewers.yaml > reviewers.json'))
    .action(async (file) => {
      deps.streams.out(canonical(await readDirectory(file)));
    });
