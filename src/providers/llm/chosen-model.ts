/** Which model is asked, and how it is reached. */
import type { Provider } from '../../domain/model-name';

/** Of the configuration, the part that names a model. */
export interface ChosenModel {
  readonly provider: Provider;
  /** The model's name at its provider. */
  readonly model: string;
  /** Base URL; the provider's own where it is left out. */
  readonly url?: string;
  /** Never shown, never logged. */
  readonly key?: string;
}
