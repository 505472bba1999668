import type { LlmCall } from '@holdfast/core'
import type { ContextOptions, ContextWindow } from '../options.ts'

type Catalogue = typeof import('@pydantic/genai-prices')

const mostKnown = 1_000
const noWindow = Symbol('no window')

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
    return known === noWindow ? undefined : known
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
    return windowTokens === undefined ? undefined : { windowTokens }
  }
}

function keyOf({ provider, model }: LlmCall): string {
  return `${provider}/${model}`
}
