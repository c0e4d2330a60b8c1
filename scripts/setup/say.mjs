// Progress for the person, on stderr alone: stdout belongs to the answer (`--json`).

/**
 * `say(line)` tells what is being done; `say.detail(line)` tells what was found already there, which `--quiet` drops.
 */
export function speaker({ quiet = false } = {}) {
  const say = (line) => void process.stderr.write(`set-up: ${line}\n`);
  say.detail = quiet ? () => {} : say;
  return say;
}

export function duration(milliseconds) {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
