/** The completion script for fish. */
import { WITHIN } from './posix';
import type { Spot, Value } from './tree';

const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

const OF = {
  ids: '(__countersign_ids)',
  files: '(__fish_complete_path (__countersign_token))',
  '@files': '(__countersign_at_files)',
  folders: '(__fish_complete_directories (__countersign_token))',
} as const;

export function fish(all: readonly Spot[]): string {
  const value = ({ choices, of }: Value) => [...choices, ...of.map((what) => OF[what])].join(' ');
  const lines = all.flatMap(({ at, commands, flags, values }) => {
    const here = (nth: number | '') => `-n ${quoted(`__countersign_at ${quoted(at)} ${String(nth)}`.trim())}`;
    return [
      ...commands.map(({ name, about }) => `${here(0)} -a ${quoted(name)} -d ${quoted(about)}`),
      ...values.flatMap((one, index) =>
        value(one) === '' ? [] : [`${here(index)} -a ${quoted(value(one))}`],
      ),
      ...flags.map(
        ({ name, about, value: given }) =>
          `${here('')} -l ${name.slice(2)}${given === undefined ? '' : ` -x -a ${quoted(value(given))}`} -d ${quoted(about)}`,
      ),
    ].map((line) => `complete -c countersign ${line}`);
  });
  const takers = all.flatMap(({ at, flags }) =>
    flags.filter((one) => one.value !== undefined).map(({ name }) => quoted(`${at} ${name}`)),
  );
  return `# Completion of countersign for fish. Load it with: countersign completion fish | source
function __countersign_at --argument-names wanted nth
    set -l spot ''
    set -l count 0
    set -l taken 0
    for word in (commandline -opc)[2..-1]
        if test $taken = 1
            set taken 0
            continue
        end
        switch "$spot $word"
${all
  .filter(({ at }) => at !== '')
  .map(
    ({ at }) =>
      `            case ${quoted(at.includes(' ') ? at : ` ${at}`)}\n                set spot ${quoted(at)}`,
  )
  .join('\n')}
            case ${takers.join(' ')}
                set taken 1
            case '* -*'
            case '*'
                set count (math $count + 1)
        end
    end
    test "$spot" = "$wanted"; and begin
        test -z "$nth"; or test "$nth" = $count
    end
end

function __countersign_token
    string replace -r -- '^--[^=]*=' '' (commandline -ct)
end

function __countersign_at_files
    set -l token (__countersign_token)
    if string match -q -- '@*' $token
        __fish_complete_path (string sub -s 2 -- $token) | string replace -r '^' '@'
    end
end

function __countersign_ids
    set -l limit
    if command -q timeout
        set limit timeout ${String(WITHIN)}
    end
    $limit (commandline -opc)[1] inbox --json 2>/dev/null </dev/null | string match -ar -g '"workflowId":"([^"\\\\\\\\]*)"'
end

complete -c countersign -f
${lines.join('\n')}
`;
}
