/** The one error of a broken configuration, apart from its readers so that each may throw it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
