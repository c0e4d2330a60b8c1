/**
 * Whom the worker tells that people are asked. A mistake here is found at the start and not by the person who was never told,
 * so what would have no effect is refused. No error shows a URL or the secret: both may open somebody's door.
 */
import { ConfigError } from './error';

export interface NotifyConfig {
  /** A line a notice on the worker's stderr. */
  readonly console: boolean;
  /** In the order of the variable; each URL once. */
  readonly webhooks: readonly {
    /** http or https. Its path, query and user info may be secret: never shown, never logged. */
    readonly url: string;
    /** `whsec_` and base64. Never shown, never logged. */
    readonly secret: string;
  }[];
  /** Where to decide: a URL with `{workflowId}` in its path, query or fragment. */
  readonly link?: string;
}

/** The placeholder of a link's template. */
const PLACE = '{workflowId}';
const MAKE = 'make one with: echo "whsec_$(openssl rand -base64 32)"';
/** Bytes of a key, by the Standard Webhooks specification. */
const SHORTEST = 24;
const LONGEST = 64;

/** @throws ConfigError naming the variable */
export function readNotify(env: NodeJS.ProcessEnv): NotifyConfig | undefined {
  const items = (env['COUNTERSIGN_NOTIFY'] ?? '').split(',').map((item) => item.trim());
  const named = [...new Set(items.filter((item) => item !== ''))];
  const urls = named
    .filter((item) => item !== 'console')
    .map((item) => webhookUrl(item, items.indexOf(item)));
  const secret = secretOf(env['COUNTERSIGN_NOTIFY_SECRET'], urls.length > 0);
  const link = linkOf(env['COUNTERSIGN_LINK'], named.length > 0);
  if (named.length === 0) return undefined;
  return {
    console: named.includes('console'),
    webhooks: urls.map((url) => ({ url, secret })),
    ...(link === undefined ? {} : { link }),
  };
}

function webhookUrl(item: string, index: number): string {
  const url = URL.canParse(item) ? new URL(item) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && readable(url)) return item;
  throw new ConfigError(
    `COUNTERSIGN_NOTIFY: item ${index + 1} is neither console nor a webhook's URL that starts with https:// or http://; ` +
      'items are separated by commas, and a comma inside a URL is written %2C, a % in a password %25',
  );
}

/** A user name or password with a stray % has no bytes to send. */
function readable({ username, password }: URL): boolean {
  try {
    decodeURIComponent(username + password);
    return true;
  } catch {
    return false;
  }
}

/** '' where no webhook needs one. */
function secretOf(given: string | undefined, needed: boolean): string {
  const secret = given?.trim() ?? '';
  if (!needed && secret === '') return '';
  if (!needed)
    throw new ConfigError(
      'COUNTERSIGN_NOTIFY_SECRET is set, but COUNTERSIGN_NOTIFY names no webhook; name one, or unset the secret',
    );
  if (secret === '')
    throw new ConfigError(
      `COUNTERSIGN_NOTIFY names a webhook, whose notices are signed: set COUNTERSIGN_NOTIFY_SECRET, and give the receiver the same; ${MAKE}`,
    );
  const [, base64 = ''] = /^whsec_(.+)$/.exec(secret) ?? [];
  const key = Buffer.from(base64, 'base64');
  if (key.toString('base64') === base64 && key.length >= SHORTEST && key.length <= LONGEST) return secret;
  throw new ConfigError(
    `COUNTERSIGN_NOTIFY_SECRET must be whsec_ and the base64 of ${SHORTEST} to ${LONGEST} random bytes; ${MAKE}`,
  );
}

function linkOf(given: string | undefined, carried: boolean): string | undefined {
  const link = given?.trim() ?? '';
  if (link === '') return undefined;
  if (!carried)
    throw new ConfigError(
      'COUNTERSIGN_LINK is set, but COUNTERSIGN_NOTIFY names no channel to send it; set it to console or a URL',
    );
  const other = link.replaceAll(PLACE, '').match(/\{[^}]*\}?|\}/)?.[0];
  if (other !== undefined)
    throw new ConfigError(`COUNTERSIGN_LINK: ${other} is not known; its one placeholder is ${PLACE}`);
  if (!link.includes(PLACE))
    throw new ConfigError(
      `COUNTERSIGN_LINK must hold ${PLACE}, such as https://temporal.example/namespaces/default/workflows/${PLACE}`,
    );
  const [one, two] = ['a', 'b'].map((id) => link.replaceAll(PLACE, id));
  if (!leads(one) || !leads(two) || new URL(one).host !== new URL(two).host)
    throw new ConfigError(
      `COUNTERSIGN_LINK must be a URL that starts with https:// or http://, without a user name, with ${PLACE} after the host`,
    );
  return link;
}

function leads(text: string | undefined): text is string {
  if (text === undefined || !URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && username === '' && password === '';
}
