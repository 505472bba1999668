import type { MemoryStore } from '@holdfast/core/memory'
import type { EncryptionOptions } from '@holdfast/journal'
import type {
  Embedder,
  Extract,
  HttpEmbedderOptions,
  HttpExtractorOptions,
  MemoryLineOptions,
  MemoryOptions,
} from '@holdfast/policies/memory'

/** How memories are kept, found and learnt, and what of them comes with calls. */
export interface MemorySettings
  extends
    Pick<
      MemoryOptions,
      'namespaces' | 'recall' | 'extraction' | 'keepSessionsMs' | 'searchInStoreFrom'
    >,
    MemoryLineOptions {
  /**
   * A file, the address of a Redis (`redis://` or `rediss://`), or a store of your own.
   * @default what HOLDFAST_MEMORY says, else `.holdfast/memory.db` in the working folder
   */
  readonly store?: string | MemoryStore
  /** Text, topics and vectors are encrypted. @default with the key in HOLDFAST_KEY, where there is one */
  readonly encryption?: EncryptionOptions
  /** Makes what is meant findable: a function, or a provider's own embeddings. @default none, words alone */
  readonly embedder?: Embedder | EmbedFunction | EmbedderSettings
  /** Finds what rules do not, in the background: a function, or a cheap model. @default none, rules alone */
  readonly extract?: Extract | ExtractorSettings
}

/** Texts in, their vectors out. */
export type EmbedFunction = Embedder['embed']

/** An endpoint that speaks OpenAI's format. */
export interface EmbedderSettings extends HttpEmbedderOptions {
  /** The environment variable that holds the key. @default 'OPENAI_API_KEY' */
  readonly apiKeyEnv?: string
}

/** An endpoint that speaks OpenAI's Chat Completions. */
export interface ExtractorSettings extends HttpExtractorOptions {
  /** The environment variable that holds the key. @default 'OPENAI_API_KEY' */
  readonly apiKeyEnv?: string
}
