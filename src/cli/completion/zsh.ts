/** The completion script for zsh: loaded with `source`, or as `_countersign` in a directory of $fpath. */
import { inQuotes } from '../../domain/paste';
import { arms, IDS, values, WITHIN } from './posix';
import type { Spot, Value } from './tree';

const OF = {
  ids: '_countersign_ids',
  files: '_files',
  '@files': "if compset -P '@'; then _files; fi",
  folders: '_files -/',
} as const;

export function zsh(all: readonly Spot[]): string {
  const wordsOf = ({ choices, of }: Value) => [
    ...(choices.length > 0 ? [`compadd -- ${choices.map(inQuotes).join(' ')}`] : []),
    // Behind the @ all else would be wrong, so it is tried first.
    ...[...of].sort().map((what) => OF[what]),
  ];
  const { flags, nth } = values(all, wordsOf);
  const described = (at: string, tag: string, found: readonly { name: string; about: string }[]) =>
    [
      `      ${inQuotes(at)})`,
      `        found=(${found.map(({ name, about }) => inQuotes(`${name}:${about}`)).join(' ')})`,
      `        _describe ${tag} found`,
      '        ;;',
    ].join('\n');
  return `#compdef countersign
# Completion of countersign for zsh. Load it after compinit with: source <(countersign completion zsh)
_countersign_ids() {
  local json=
  local -a ids
  IFS= read -r -t ${String(WITHIN)} json < <("\${(Q)words[1]}" inbox --json 2>/dev/null </dev/null)
  ids=("\${(@f)$(${IDS})}")
  compadd -- "\${(@)ids:#}"
}

_countersign() {
  local i word spot= nth=0 flag= cur=\${words[CURRENT]}
  local -a found
  for ((i = 2; i < CURRENT; i++)); do
    word=\${(Q)words[i]}
    if [[ -n $flag ]]; then
      flag=
      continue
    fi
    case "$spot $word" in
${arms(all)}
    esac
  done
  if [[ -z $flag && $cur == --*=* ]]; then
    flag=\${cur%%=*}
    compset -P '*='
  fi
  if [[ -n $flag ]]; then
    case "$spot $flag" in
${flags.join('\n')}
    esac
  elif [[ $cur == -* ]]; then
    case $spot in
${all.map(({ at, flags }) => described(at, '-o option', flags)).join('\n')}
    esac
  else
    case "$spot $nth" in
${all
  .filter(({ commands }) => commands.length > 0)
  .map(({ at, commands }) => described(`${at} 0`, 'command', commands))
  .join('\n')}
${nth.join('\n')}
    esac
  fi
}

if [[ \${funcstack[1]} == _countersign ]]; then _countersign "$@"; else compdef _countersign countersign; fi
`;
}
