import type { LlmCall, Message, Usage } from '@holdfast/core'
import { Calibration } from './calibration.ts'
import { countValue } from './count-value.ts'
import { encodingOf, loadEncoding } from './encoding.ts'
import type { CountText } from './encoding.ts'
import { estimateText } from './estimate-text.ts'
import { estimatedPieces, openaiPieces } from './piece-counter.ts'
import { PrefixCounts } from './prefix-counts.ts'

/** How many tokens a request takes. */
export interface TokenCount {
  readonly tokens: number
  /** By the model's own tokeniser, or by what its provider has said often enough. */
  readonly isSure: boolean
  /** What a message of the request counts for. */
  readonly weigh: (message: Message) => number
  /** Learns from what the provider reports for this very request. */
  learn(usage: Usage): void
}

const openaiFormats = new Set(['openai-chat', 'openai-responses'])

/** Counts requests: with OpenAI's tokeniser for its models, by estimates that learn for those of others. */
export class TokenCounter {
  readonly #calibration = new Calibration()
  readonly #counts = new Map<string, PrefixCounts>()

  /** What can be said without loading a tokeniser. */
  estimate(call: LlmCall): TokenCount {
    return this.#count(call, undefined)
  }

  /** The best that can be said; a tokeniser is loaded where there is one for the model. */
  async count(call: LlmCall): Promise<TokenCount> {
    const encoding = openaiFormats.has(call.format.name) ? encodingOf(call.model) : undefined
    if (encoding === undefined) return this.#count(call, undefined)
    return this.#count(call, { name: encoding, countText: await loadEncoding(encoding) })
  }

  #count(call: LlmCall, encoding: { name: string; countText: CountText } | undefined): TokenCount {
    const model = encoding?.name ?? `${call.format.name} ${call.model}`
    const isCounted = encoding !== undefined
    const factor = isCounted ? 1 : this.#calibration.factor(model)
    const body = this.#countsOf(encoding).count(textOf(call.http.body))
    const { reported, tokens: counted } = body
    const tokens =
      reported === undefined
        ? counted * factor
        : reported.tokens + (counted - reported.counted) * factor
    const countText = encoding?.countText ?? estimateText
    return {
      tokens: Math.ceil(tokens),
      isSure: isCounted || reported !== undefined || this.#calibration.isSure(model),
      weigh: weighing(countText, factor),
      learn: ({ inputTokens }) => {
        if (inputTokens === undefined || inputTokens <= 0) return
        body.report(inputTokens)
        if (!isCounted) this.#calibration.learn(model, counted, inputTokens)
      },
    }
  }

  #countsOf(encoding: { name: string; countText: CountText } | undefined): PrefixCounts {
    const name = encoding?.name ?? 'estimated'
    let counts = this.#counts.get(name)
    if (counts === undefined) {
      counts = new PrefixCounts(encoding ? openaiPieces(encoding.countText) : estimatedPieces)
      this.#counts.set(name, counts)
    }
    return counts
  }
}

const perMessage = 4

function weighing(countText: CountText, factor: number): (message: Message) => number {
  const known = new WeakMap<Message, number>()
  return function weigh(message) {
    let tokens = known.get(message)
    if (tokens === undefined) {
      tokens = (countValue(message.parts, countText) + perMessage) * factor
      known.set(message, tokens)
    }
    return tokens
  }
}

function textOf(body: string | Uint8Array | undefined): string {
  if (typeof body === 'string') return body
  if (body === undefined) return '{}'
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString()
}
