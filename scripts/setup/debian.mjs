// Installs a Debian package where that can be done without asking anybody: as root, with apt-get. For tests only.
import { isRoot, onPath } from './machine.mjs';
import { run } from './run.mjs';
import { duration } from './say.mjs';

/** Resolves with what went wrong in words, or undefined. */
export async function aptInstall(name, say) {
  const [apt] = onPath('apt-get');
  if (process.platform !== 'linux' || !apt) return 'there is no apt-get here';
  if (!isRoot()) return 'apt-get needs root';
  say(`installing ${name} with apt-get (Debian packages)`);
  const options = ['-qq', '-o', 'DPkg::Lock::Timeout=300'];
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const update = await run(apt, [...options, 'update'], {
    env,
    say,
    progress: (t) => `still updating (${duration(t)})`,
  });
  const result = await run(apt, [...options, 'install', '-y', '--no-install-recommends', name], {
    env,
    say,
    progress: (t) => `still installing ${name} (${duration(t)})`,
    timeout: 1_800_000,
  });
  if (result.ok) return undefined;
  return `apt-get: ${result.reason}${update.ok ? '' : ` (and its update failed: ${update.reason})`}`;
}
