import type { LlmCall } from '@holdfast/core'
import type { ContextOptions, ContextWindow } from '../options.ts'

type Catalogue = typeof import('@pydantic/genai-prices')

const mostKnown = 1_000
const noWindow = Symbol('no window')
const longTokens = 1_000_000

/** How much goes into each model: as the options say, as a provider's refusal said, or as the catalogue has it. */
export class Windows {
  readonly #own: Readonly<Record<string, ContextWindow>>
  readonly #known = new Map<string, ContextWindow | typeof noWindow>()
  #catalogue: Catalogue | undefined
  #loading: Promise<void> | undefined

  constructor(own: ContextOptions['windows'] = {}) {
    this.#own = own
  }

  /** Loads the catalogue at first use: it takes some 35 ms, which nobody should pay at start-up. */
  ready(): Promise<void> | undefined {
    if (this.#catalogue !== undefined) return undefined
    this.#loading ??= import('@pydantic/genai-prices').then((catalogue) => {
      this.#catalogue = catalogue
    })
    return this.#loading
  }

  /** Undefined for models that nobody knows. */
  of(call: LlmCall): ContextWindow | undefined {
    const key = keyOf(call)
    let known = this.#known.get(key)
    if (known === undefined) {
      known = this.#own[key] ?? this.#own[call.model] ?? this.#lookUp(call) ?? noWindow
      this.#keep(key, known)
    }
    if (known === noWindow) return undefined
    return isLong(call) && known.windowTokens < longTokens ? { windowTokens: longTokens } : known
  }

  /** The provider has said how much goes in; what the options say counts more. */
  learn(call: LlmCall, windowTokens: number): void {
    const key = keyOf(call)
    const own = this.#own[key] ?? this.#own[call.model]
    if (own === undefined) this.#keep(key, { windowTokens })
  }

  #keep(key: string, known: ContextWindow | typeof noWindow): void {
    if (this.#known.size >= mostKnown) this.#known.clear()
    this.#known.set(key, known)
  }

  #lookUp({ provider, host, model }: LlmCall): ContextWindow | undefined {
    const catalogue = this.#catalogue
    if (catalogue === undefined) return undefined
    const known =
      catalogue.findProvider({ providerId: provider }) ??
      catalogue.findProvider({ providerApiUrl: `https://${host}/` })
    const priced =
      (known && catalogue.calcPrice({ input_tokens: 1 }, model, { providerId: known.id })) ??
      catalogue.calcPrice({ input_tokens: 1 }, model)
    const windowTokens = priced?.model.context_window
    if (windowTokens === undefined) return undefined
    return { windowTokens, ...(isGpt5(model, windowTokens) ? { inputTokens: 272_000 } : {}) }
  }
}

function keyOf({ provider, model }: LlmCall): string {
  return `${provider}/${model}`
}

/** Of their 400,000 tokens 128,000 are for the answer alone. https://platform.openai.com/docs/models/gpt-5 (2026-11-21) */
function isGpt5(model: string, windowTokens: number): boolean {
  return windowTokens === 400_000 && /(?:^|\/)gpt-5/.test(model)
}

/** Some of Anthropic's models take more where a request asks for it. https://platform.claude.com/docs/en/build-with-claude/context-windows (2026-11-21) */
function isLong({ http }: LlmCall): boolean {
  return http.headers.get('anthropic-beta')?.includes('context-1m') === true
}
