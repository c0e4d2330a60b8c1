/**
 * The completion script for bash 3.2 and newer. Ids are of anybody's making: they never pass `compgen -W`, which would
 * expand them.
 */
import { inQuotes } from '../../domain/paste';
import { arms, IDS, values, WITHIN } from './posix';
import type { Spot, Value } from './tree';

export function bash(all: readonly Spot[]): string {
  const wordsOf = ({ choices, of }: Value) => [
    ...(choices.length > 0 ? [`_countersign_words ${choices.map(inQuotes).join(' ')}`] : []),
    ...of.map((what) => `_countersign_${what.replace('@', 'at_')}`),
  ];
  const { flags, nth } = values(all, wordsOf);
  const words = (at: string, names: readonly { name: string }[]) =>
    `      ${inQuotes(at)}) _countersign_words ${names.map(({ name }) => inQuotes(name)).join(' ')} ;;`;
  return `# Completion of countersign for bash. Load it with: source <(countersign completion bash)
_countersign_words() {
  local one
  for one; do
    if [[ $one == "$cur"* ]]; then COMPREPLY+=("\${one#"$cut"}"); fi
  done
}

_countersign_ids() {
  local json= id
  IFS= read -r -t ${String(WITHIN)} json < <("\${COMP_WORDS[0]}" inbox --json 2>/dev/null </dev/null)
  while IFS= read -r id; do
    if [[ $id != "$cur"* ]]; then continue; fi
    printf -v id %q "\${id#"$cut"}"
    COMPREPLY+=("$id")
  done < <(${IDS})
}

# $1: the files of compgen, f or d; $2: what stands before them
_countersign_paths() {
  local one quoted
  if [[ $cur != "$2"* ]]; then return; fi
  while IFS= read -r one; do
    printf -v quoted %q "$one"
    if [[ -d $one ]]; then
      quoted+=/
      compopt -o nospace 2>/dev/null
    fi
    quoted=$2$quoted
    COMPREPLY+=("\${quoted#"$cut"}")
  done < <(compgen "-$1" -- "\${cur#"$2"}")
}
_countersign_files() { _countersign_paths f ''; }
_countersign_at_files() { _countersign_paths f @; }
_countersign_folders() { _countersign_paths d ''; }

_countersign() {
  local i word last rest=$COMP_LINE trimmed words=() cur cut spot= nth=0 flag=
  COMPREPLY=()
  # bash splits at : = and @, which ids, addresses and files may hold: what stands together is joined again.
  for ((i = 0; i <= COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    trimmed=\${rest#"\${rest%%[![:space:]]*}"}
    if ((i > 0)) && [[ $trimmed == "$rest" ]]; then
      words[\${#words[@]} - 1]+=$word
    else
      words+=("$word")
    fi
    rest=\${trimmed#"$word"}
  done
  cur=\${words[\${#words[@]} - 1]}
  for ((i = 1; i < \${#words[@]} - 1; i++)); do
    word=\${words[i]}
    if [[ $flag ]]; then
      flag=
      continue
    fi
    case "$spot $word" in
${arms(all)}
    esac
  done
  if [[ ! $flag && $cur == --*=* ]]; then
    flag=\${cur%%=*}
    cur=\${cur#*=}
  fi
  # What of it readline leaves in place: up to : and =, and before @.
  last=$cur
  if [[ $COMP_WORDBREAKS == *:* ]]; then last=\${last##*:}; fi
  if [[ $COMP_WORDBREAKS == *=* ]]; then last=\${last##*=}; fi
  if [[ $COMP_WORDBREAKS == *@* && $last == *@* ]]; then last=@\${last##*@}; fi
  cut=\${cur%"$last"}
  if [[ $flag ]]; then
    case "$spot $flag" in
${flags.join('\n')}
    esac
  elif [[ $cur == -* ]]; then
    case $spot in
${all.map(({ at, flags }) => words(at, flags)).join('\n')}
    esac
  else
    case "$spot $nth" in
${all
  .filter(({ commands }) => commands.length > 0)
  .map(({ at, commands }) => words(`${at} 0`, commands))
  .join('\n')}
${nth.join('\n')}
    esac
  fi
}

complete -F _countersign countersign
`;
}
