/** `countersign completion`: a script that completes commands, flags and the ids of what waits. */
import { Argument, Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { examples, type Deps } from '../command';
import { bash } from '../completion/bash';
import { fish } from '../completion/fish';
import { spots } from '../completion/tree';
import { zsh } from '../completion/zsh';

const SHELLS = { bash, zsh, fish } as const;

export const completion = (deps: Deps) =>
  new Command('completion')
    .description('print a completion script for your shell, to be loaded by it')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish'] as const))
    .addHelpText(
      'after',
      examples(
        'source <(countersign completion bash)',
        'countersign completion zsh > ~/.zfunc/_countersign',
        'countersign completion fish > ~/.config/fish/completions/countersign.fish',
      ),
    )
    .action((shell, _, command) => {
      let root: CommandUnknownOpts = command;
      while (root.parent !== null) root = root.parent;
      deps.streams.out(SHELLS[shell](spots(root)));
    });
