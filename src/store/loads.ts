/** Puts on record what a worker loads: the reviewers directory, the rules, the registry. What is in force is not held up by it. */
import { configurationHash, configurationText } from '../domain/configuration';
import { messageOf } from '../domain/message';
import type { Configuration, ConfigurationStore } from './configurations';

type Kind = Configuration['kind'];

export interface Loads {
  /** It is in force from now on, and on record as soon as the store takes it. Never rejects. */
  load(kind: Kind, text: string): Promise<void>;
  /** Of what is in force. */
  hashes(): Readonly<Record<Kind, string>>;
  close(): Promise<void>;
}

/** Milliseconds until what the store did not take is offered again. */
const AGAIN = 5_000;

/** @param note is told where the store does not take one */
export function openLoads(
  store: Pick<ConfigurationStore, 'configured'>,
  note: (text: string) => void,
  { again = AGAIN, now = () => new Date() }: { readonly again?: number; readonly now?: () => Date } = {},
): Loads {
  const nothing = configurationHash(configurationText(undefined));
  const inForce = { directory: nothing, rules: nothing, registry: nothing };
  let waiting: Configuration[] = [];
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<void> = Promise.resolve();
  const offer = async (): Promise<void> => {
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      try {
        await store.configured(next);
        waiting = waiting.slice(1);
      } catch (error) {
        note(`the ${next.kind} that was loaded at ${next.at} is not on record yet: ${messageOf(error)}`);
        timer = setTimeout(() => {
          working = offer();
        }, again).unref();
        return;
      }
    }
  };
  return {
    load(kind, text) {
      inForce[kind] = configurationHash(text);
      waiting.push({ kind, text, at: now().toISOString() });
      clearTimeout(timer);
      working = working.then(offer);
      return working;
    },
    hashes: () => ({ ...inForce }),
    close() {
      clearTimeout(timer);
      return working;
    },
  };
}
