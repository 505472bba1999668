import { setImmediate } from 'node:timers/promises'
import type { LlmCall, Message, Usage } from '@holdfast/core'
import { Calibration } from './calibration.ts'
import { countValue } from './count-value.ts'
import { encodingOf, loadEncoding } from './encoding.ts'
import type { CountText } from './encoding.ts'
import { estimateText } from './estimate-text.ts'
import { familyOf, tokensOf } from './families.ts'
import type { Reading, Weights } from './families.ts'
import { estimatedPieces, openaiPieces } from './piece-counter.ts'
import { PrefixCounts } from './prefix-counts.ts'
import type { Answer } from './prefix-counts.ts'
import { ThoughtHabits } from './thought-habits.ts'

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

interface Encoding {
  readonly model: string
  readonly countText: CountText
}

const sliceMs = 8
const openaiFormats = new Set(['openai-chat', 'openai-responses'])
/** What OpenAI's tokeniser counts needs no weighing, but for what a message has around it: that is counted there. */
const asCounted: Weights = {
  text: 1,
  message: 0,
  call: 0,
  result: 0,
  tools: 1,
  declaration: 0,
  hasTools: 0,
  isForced: 0,
  schema: 0,
  hasSchema: 0,
  thinks: 0,
  request: 0,
}
const asWeighed: Weights = { ...asCounted, message: 4 }

/** Counts requests: with OpenAI's tokeniser for its models, by estimates that learn for those of others. */
export class TokenCounter {
  readonly #calibration = new Calibration()
  readonly #habits = new ThoughtHabits()
  /** By the name of the model, or by how its family is shown what it reads. */
  readonly #counts = new Map<string | Reading, PrefixCounts>()

  /** What can be said without loading a tokeniser. */
  estimate(call: LlmCall): TokenCount {
    return this.#count(call, undefined)
  }

  /** The best that can be said; a tokeniser is loaded where there is one for the model. */
  async count(call: LlmCall): Promise<TokenCount> {
    const model = bare(call.model)
    const encoding = openaiFormats.has(call.format.name) ? encodingOf(model) : undefined
    if (encoding === undefined) return this.estimate(call)
    const loaded = { model, countText: await loadEncoding(encoding) }
    const text = textOf(call.http.body)
    const name = nameOf(call)
    // A long conversation that nobody has counted takes a while: others have their turn in between.
    while (!this.#countsOf(name, loaded).advance(text, name, sliceMs)) await setImmediate()
    return this.#count(call, loaded)
  }

  #count(call: LlmCall, encoding: Encoding | undefined): TokenCount {
    const name = nameOf(call)
    const body = this.#countsOf(name, encoding).count(textOf(call.http.body), name)
    const learnt = this.#calibration.weights(name)
    const weights = encoding === undefined ? learnt : asCounted
    const counted = tokensOf(body.features, weights)
    const since = this.#habits.since(name, body, {
      counted,
      countedBefore: body.reported && tokensOf(body.reported.features, weights),
      answered: body.answer ? answerTokens(body.answer, weights) : 0,
      isExact: encoding !== undefined,
    })
    const tokens = Math.max(1, since.tokens)
    return {
      tokens: Math.round(tokens),
      isSure: encoding !== undefined || body.isOwn || this.#calibration.isSure(name),
      // What the provider has said of all of it holds for each message.
      weigh: weighing(
        encoding?.countText ?? estimateText,
        encoding === undefined ? learnt : asWeighed,
        tokens / counted,
      ),
      learn: (usage) => {
        const { inputTokens } = usage
        // What is so far off speaks of something else: another tokeniser, a part of the conversation, a made-up count.
        if (inputTokens === undefined || isFarOff(inputTokens, counted)) return
        const thoughts = since.learn(inputTokens)
        body.report(usage, thoughts)
        // Thoughts that are counted or not would be taken for what stands around.
        if (encoding !== undefined || !(body.isPlain || body.isOwn)) return
        this.#calibration.learn(name, body.features, inputTokens - thoughts.counted)
      },
    }
  }

  #countsOf(name: string, encoding: Encoding | undefined): PrefixCounts {
    const key = encoding?.model ?? familyOf(name).reading
    let counts = this.#counts.get(key)
    if (counts === undefined) {
      counts = new PrefixCounts(
        encoding === undefined
          ? estimatedPieces(familyOf(name).reading)
          : openaiPieces(encoding.countText, encoding.model),
      )
      this.#counts.set(key, counts)
    }
    return counts
  }
}

/** What reports of one model are told from those of another by. */
function nameOf({ format, provider, model }: LlmCall): string {
  return `${format.name} ${provider} ${model}`
}

/** What an answer comes to that its provider takes for one message. */
function answerTokens({ text, calls, elements }: Answer, weights: Weights): number {
  return text * weights.text + calls * weights.call + (elements - 1) * weights.message
}

function isFarOff(reported: number, counted: number): boolean {
  return reported > counted * 3 + 1_000 || reported < counted / 3
}

/** `openai/gpt-5` is what a gateway calls it, `ft:gpt-4o:…` what it was made from. */
function bare(model: string): string {
  return model.toLowerCase().replace(/^ft:|^openai\//, '')
}

function weighing(
  countText: CountText,
  weights: Weights,
  scale: number,
): (message: Message) => number {
  const known = new WeakMap<Message, number>()
  return function weigh(message) {
    let tokens = known.get(message)
    if (tokens === undefined) {
      const text = countValue(message.parts, countText)
      tokens = (text * weights.text + weights.message) * scale
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
