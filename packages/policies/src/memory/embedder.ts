import { HoldfastError } from '@holdfast/core'
import type { Embedding } from '@holdfast/core/memory'

/** Turns texts into vectors whose directions say what they are about. */
export interface Embedder {
  /** Vectors of different models are never compared. */
  readonly model: string
  embed(
    texts: readonly string[],
    signal?: AbortSignal,
  ): Promise<readonly (readonly number[] | Float32Array)[]>
}

/** The embeddings endpoint of a provider that speaks OpenAI's format. */
export interface HttpEmbedderOptions {
  readonly model: string
  /** @default 'https://api.openai.com/v1' */
  readonly baseUrl?: string
  readonly apiKey?: string
  /** Asks for vectors of that length. */
  readonly dimensions?: number
}

/** An embedder at an endpoint; `fetch` is the one that requests go through. */
export function httpEmbedder(
  options: HttpEmbedderOptions,
  fetch: typeof globalThis.fetch,
): Embedder {
  const { model, baseUrl = 'https://api.openai.com/v1', apiKey, dimensions } = options
  return {
    model: dimensions === undefined ? model : `${model}/${dimensions}`,
    async embed(input, signal) {
      const response = await fetch(`${baseUrl.replace(/\/$/, '')}/embeddings`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
        },
        body: JSON.stringify({ model, input, ...(dimensions === undefined ? {} : { dimensions }) }),
        ...(signal === undefined ? {} : { signal }),
      })
      if (!response.ok) {
        await response.body?.cancel()
        throw new HoldfastError(
          'REPLY_INVALID',
          `the embedder ${model} answered ${response.status}`,
        )
      }
      const { data } = (await response.json()) as {
        data?: { index: number; embedding: number[] }[]
      }
      const vectors = (data ?? [])
        .toSorted((one, other) => one.index - other.index)
        .map(({ embedding }) => embedding)
      if (vectors.length !== input.length) {
        throw new HoldfastError(
          'REPLY_INVALID',
          `the embedder ${model} answered ${vectors.length} vectors for ${input.length} texts`,
        )
      }
      return vectors
    },
  }
}

/** The vectors of texts, in their order. */
export async function embedAll(
  embedder: Embedder,
  texts: readonly string[],
  timeoutMs: number,
): Promise<readonly Embedding[]> {
  const { model } = embedder
  const vectors = await embedder.embed(texts, AbortSignal.timeout(timeoutMs))
  if (vectors.length !== texts.length) {
    throw new HoldfastError(
      'REPLY_INVALID',
      `the embedder ${model} gave ${vectors.length} vectors for ${texts.length} texts`,
    )
  }
  return vectors.map((vector) => ({ model, vector: Float32Array.from(vector) }))
}
