/** `countersign audit`: the record as the store has it: shown, verified, exported, reported on. */
import { Command } from '@commander-js/extra-typings';
import { examples, type Deps } from '../../command';
import { reportOn } from '../../report/command';
import { printDirectory } from './directory';
import { exportEntries } from './export';
import { showEntries } from './show';
import { verifyRecord } from './verify';

export const audit = (deps: Deps) =>
  new Command('audit')
    .description('the record')
    .addHelpText('after', examples('countersign audit show proposal-1042', 'countersign audit verify'))
    .addCommand(showEntries(deps))
    .addCommand(verifyRecord(deps))
    .addCommand(exportEntries(deps))
    .addCommand(printDirectory(deps))
    .addCommand(reportOn(deps));
