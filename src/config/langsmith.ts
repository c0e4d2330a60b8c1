/** Where feedback goes beside our own store. No error shows the key. */
import { ConfigError } from './error';

export interface LangSmithConfig {
  /** Base URL of the API. */
  readonly url: string;
  /** Never shown, never logged. */
  readonly key: string;
  /** Where the key is an organisation's: the workspace that the runs are in. */
  readonly workspace?: string;
}

const KEY = 'LANGSMITH_API_KEY';
const URL_VARIABLE = 'COUNTERSIGN_LANGSMITH_URL';
const WORKSPACE = 'LANGSMITH_WORKSPACE_ID';
const OFFICIAL = 'https://api.smith.langchain.com';

/** Undefined: feedback stays here. @throws ConfigError naming the variable */
export function readLangSmith(env: NodeJS.ProcessEnv): LangSmithConfig | undefined {
  const key = env[KEY]?.trim() ?? '';
  const url = env[URL_VARIABLE]?.trim() ?? '';
  const workspace = env[WORKSPACE]?.trim() ?? '';
  if (url !== '' && !isBase(url))
    throw new ConfigError(
      `${URL_VARIABLE} must be a base URL that starts with https:// or http://, without a user name, such as ${OFFICIAL}`,
    );
  if (key === '' && url !== '')
    throw new ConfigError(`${URL_VARIABLE} is set, but not the key in ${KEY}; set it, or unset the URL`);
  if (key === '') return undefined;
  for (const [variable, value] of [
    [KEY, key],
    [WORKSPACE, workspace],
  ])
    if (!/^[\x21-\x7e]*$/.test(value ?? ''))
      throw new ConfigError(
        `${variable ?? ''} holds a space, a line break or a character that is not ASCII; set it anew`,
      );
  return {
    url: (url === '' ? OFFICIAL : url).replace(/\/+$/, ''),
    key,
    ...(workspace === '' ? {} : { workspace }),
  };
}

function isBase(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return /^https?:$/.test(protocol) && [username, password, search, hash].every((part) => part === '');
}
