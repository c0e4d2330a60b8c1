/** The channels that the configuration asks for, in its order: the console first. */
import type { Channel } from './channel';
import { createConsole, type ConsoleOptions } from './console';
import { createWebhook, type WebhookTarget } from './webhook';

export type { Channel } from './channel';

/** Of the configuration, the part that says whom to tell. */
export interface Channels {
  readonly console: boolean;
  readonly webhooks: readonly WebhookTarget[];
  /** A URL with `{workflowId}` in it. */
  readonly link?: string;
}

/**
 * @param config undefined: nobody is told
 * @param log what the console says, in place of its own line
 */
export function createChannels(config: Channels | undefined, log?: ConsoleOptions['log']): Channel[] {
  if (config === undefined) return [];
  const { console, webhooks, link } = config;
  const hosts = webhooks.map(({ url }) => new URL(url).host);
  return [
    ...(console ? [createConsole({ link, log })] : []),
    ...webhooks.map((target, index) => {
      const host = hosts[index] ?? '';
      const nth = hosts.slice(0, index + 1).filter((one) => one === host).length;
      return createWebhook(target, { link, name: `webhook ${host}${nth > 1 ? ` (${nth})` : ''}` });
    }),
  ];
}
