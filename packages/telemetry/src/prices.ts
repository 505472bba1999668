import type { Usage } from '@holdfast/core'
import type { PriceCalculation } from '@pydantic/genai-prices'

type Catalogue = typeof import('@pydantic/genai-prices')

/** What a model costs, in US dollars per million tokens. */
export interface ModelPrice {
  readonly inputUsdPerMillion: number
  readonly outputUsdPerMillion: number
  /** @default the input price */
  readonly cachedInputUsdPerMillion?: number
  /** @default the input price */
  readonly cacheWriteUsdPerMillion?: number
}

/** Who answered a call, as far as prices differ by it. */
export interface Billed {
  readonly provider: string
  readonly host: string
  /** The model the provider says it used, then the one it was asked for. */
  readonly models: readonly string[]
}

/** Turns usage into US dollars: by the prices given, else by the catalogue of @pydantic/genai-prices. */
export class Prices {
  readonly #own: Readonly<Record<string, ModelPrice>>
  readonly #warn: (message: string) => void
  readonly #known = new Map<string, Rates | 'catalogue' | 'unknown'>()
  #catalogue: Catalogue | undefined
  #loading: Promise<void> | undefined

  constructor(options: {
    own?: Readonly<Record<string, ModelPrice>> | undefined
    warn: (message: string) => void
  }) {
    this.#own = options.own ?? {}
    this.#warn = options.warn
  }

  /** Loads the catalogue at first use: it takes some 35 ms, which nobody should pay at start-up. */
  ready(): Promise<void> | undefined {
    if (this.#catalogue !== undefined) return undefined
    this.#loading ??= import('@pydantic/genai-prices').then(
      (catalogue) => {
        this.#catalogue = catalogue
      },
      (error: unknown) => {
        this.#warn(`[holdfast] no prices: @pydantic/genai-prices did not load (${String(error)})`)
      },
    )
    return this.#loading
  }

  /** Undefined where the model has no known price (said once) or no token was reported. */
  cost(billed: Billed, usage: Usage): number | undefined {
    if (usage.inputTokens === undefined && usage.outputTokens === undefined) return undefined
    for (const model of billed.models) {
      const cost = this.#costOf(billed, model, usage)
      if (cost !== undefined) return cost
    }
    return undefined
  }

  #costOf(billed: Billed, model: string, usage: Usage): number | undefined {
    const key = `${billed.provider} ${billed.host} ${model}`
    let known = this.#known.get(key)
    if (known === undefined) {
      known = this.#lookUp(billed, model)
      if (known === undefined) return undefined
      if (this.#known.size >= mostKnown) this.#known.clear()
      this.#known.set(key, known)
      if (known === 'unknown' && model === billed.models.at(-1)) {
        this.#warn(
          `[holdfast] no price known for the model ${model} of ${billed.provider}: its cost is not counted. ` +
            `Give one in telemetry.prices['${model}'].`,
        )
      }
    }
    if (known === 'unknown') return undefined
    if (known === 'catalogue' || (usage.inputTokens ?? 0) > known.validUpToInputTokens) {
      return this.#calculate(billed, model, usage)?.total_price
    }
    return costAt(known, usage)
  }

  #lookUp(billed: Billed, model: string): Rates | 'catalogue' | 'unknown' | undefined {
    const own = this.#own[`${billed.provider}/${model}`] ?? this.#own[model]
    if (own !== undefined) return ratesOf(own)
    if (this.#catalogue === undefined) return undefined
    const calculation = this.#calculate(billed, model, { inputTokens: 1, outputTokens: 1 })
    if (calculation === undefined) return 'unknown'
    return flatRates(calculation) ?? 'catalogue'
  }

  #calculate(billed: Billed, model: string, usage: Usage): PriceCalculation | undefined {
    const catalogue = this.#catalogue
    if (catalogue === undefined) return undefined
    const provider =
      catalogue.findProvider({ providerId: billed.provider }) ??
      catalogue.findProvider({ providerApiUrl: `https://${billed.host}/` })
    try {
      const counts = {
        input_tokens: usage.inputTokens ?? 0,
        output_tokens: usage.outputTokens ?? 0,
        cache_read_tokens: usage.cachedInputTokens ?? 0,
        cache_write_tokens: usage.cacheWriteTokens ?? 0,
      }
      return (
        catalogue.calcPrice(counts, model, provider ? { providerId: provider.id } : {}) ?? undefined
      )
    } catch {
      // Counts that contradict each other (more cached than there were) have no price.
      return undefined
    }
  }
}

/** Dollars per token, as long as no tier and no time of day changes them. */
interface Rates {
  readonly input: number
  readonly output: number
  readonly cacheRead: number
  readonly cacheWrite: number
  readonly validUpToInputTokens: number
}

const mostKnown = 1_000

function costAt(rates: Rates, usage: Usage): number {
  const { inputTokens = 0, outputTokens = 0, cachedInputTokens = 0, cacheWriteTokens = 0 } = usage
  const fresh = Math.max(0, inputTokens - cachedInputTokens - cacheWriteTokens)
  return (
    fresh * rates.input +
    cachedInputTokens * rates.cacheRead +
    cacheWriteTokens * rates.cacheWrite +
    outputTokens * rates.output
  )
}

function ratesOf(price: ModelPrice): Rates {
  const { inputUsdPerMillion, outputUsdPerMillion } = price
  return {
    input: inputUsdPerMillion / 1e6,
    output: outputUsdPerMillion / 1e6,
    cacheRead: (price.cachedInputUsdPerMillion ?? inputUsdPerMillion) / 1e6,
    cacheWrite: (price.cacheWriteUsdPerMillion ?? inputUsdPerMillion) / 1e6,
    validUpToInputTokens: Infinity,
  }
}

/** A catalogue price as plain rates, where it is that simple: a calculation of its own takes 5 to 15 us. */
function flatRates({ model, model_price: price }: PriceCalculation): Rates | undefined {
  if (Array.isArray(model.prices)) return undefined
  let validUpToInputTokens = Infinity
  const rate = (name: string): number | undefined => {
    const value = price[name]
    if (value === undefined || typeof value === 'number') return value
    for (const { start } of value.tiers) {
      validUpToInputTokens = Math.min(validUpToInputTokens, start)
    }
    return value.base
  }
  const input = rate('input_mtok') ?? 0
  return {
    input: input / 1e6,
    output: (rate('output_mtok') ?? 0) / 1e6,
    cacheRead: (rate('cache_read_mtok') ?? input) / 1e6,
    cacheWrite: (rate('cache_write_mtok') ?? input) / 1e6,
    validUpToInputTokens,
  }
}
