import { createHash } from 'node:crypto'
import { HoldfastError } from '@holdfast/core'
import type { LlmCall, Usage } from '@holdfast/core'
import type { BudgetClaim, RateClaim, SlotClaim } from '@holdfast/core/limits'
import { credentialOf } from '../credential.ts'
import { estimateTokens, mostTokens } from './estimate.ts'
import type {
  BudgetOptions,
  ConcurrencyOptions,
  LimitScope,
  LimitsOptions,
  RateLimitOptions,
  TokenPrice,
} from './options.ts'

/** What one request asks of each limit, and what it will have taken of it in the end. */
export interface Claims {
  readonly rates: readonly RateClaim[]
  readonly slots: readonly SlotClaim[]
  readonly budgets: readonly BudgetClaim[]
  /** The first rates are counted in requests, the rest in tokens. */
  readonly tokenRates: number
  readonly budgetUnits: readonly ('tokens' | 'usd')[]
  readonly price: TokenPrice | undefined
}

/** What calls ask of the limits, from options. */
export class ClaimMaker {
  readonly #rateLimit: false | RateLimitOptions
  readonly #concurrency: false | ConcurrencyOptions
  readonly #budget: false | BudgetOptions
  readonly #rateKeys: KeyMaker
  readonly #slotKeys: KeyMaker
  readonly #budgetKeys: KeyMaker

  constructor({ rateLimit = false, concurrency = false, budget = false }: LimitsOptions) {
    this.#rateLimit = rateLimit
    this.#concurrency = concurrency
    this.#budget = budget
    this.#rateKeys = new KeyMaker((rateLimit !== false && rateLimit.per) || 'model')
    this.#slotKeys = new KeyMaker((concurrency !== false && concurrency.per) || 'model')
    this.#budgetKeys = new KeyMaker((budget !== false && budget.per) || 'all')
  }

  of(call: LlmCall): Claims {
    const rates: RateClaim[] = []
    let tokenRates = 0
    if (this.#rateLimit !== false) {
      const { requestsPerMinute, tokensPerMinute, burst, burstTokens } = this.#rateLimit
      const keys = this.#rateKeys.of(call)
      if (requestsPerMinute !== undefined) {
        rates.push(perMinute(keys.requests, requestsPerMinute, burst, 1))
      }
      tokenRates = rates.length
      if (tokensPerMinute !== undefined) {
        rates.push(perMinute(keys.tokens, tokensPerMinute, burstTokens, estimateTokens(call)))
      }
    }
    const slots =
      this.#concurrency === false
        ? []
        : [{ key: this.#slotKeys.of(call).scope, max: this.#concurrency.max }]
    if (this.#budget === false) {
      return { rates, slots, budgets: [], tokenRates, budgetUnits: [], price: undefined }
    }
    const keys = this.#budgetKeys.of(call)
    return { rates, slots, tokenRates, ...budgetClaims(call, this.#budget, keys) }
  }
}

/** How the rows of one scope are called. */
interface Keys {
  readonly scope: string
  readonly requests: string
  readonly tokens: string
  readonly usd: string
}

/** The keys of calls. Most calls are of the same scope as the one before: comparing is cheaper than naming it again. */
class KeyMaker {
  readonly #per: LimitScope
  #last: Pick<LlmCall, 'model' | 'host' | 'provider' | 'run'> | undefined
  #credential = ''
  #keys: Keys | undefined

  constructor(per: LimitScope) {
    this.#per = per
  }

  of(call: LlmCall): Keys {
    const { model, host, provider, run } = call
    const per = this.#per
    const last = this.#last
    const credential = per === 'model' || per === 'account' ? credentialOf(call.http) : ''
    if (
      this.#keys !== undefined &&
      last?.model === model &&
      last.host === host &&
      last.provider === provider &&
      last.run === run &&
      this.#credential === credential
    ) {
      return this.#keys
    }
    this.#last = { model, host, provider, run }
    this.#credential = credential
    const scope = scopeOf(call, per, credential)
    const requests = `requests:${scope}`
    return (this.#keys = { scope, requests, tokens: `tokens:${scope}`, usd: `usd:${scope}` })
  }
}

function perMinute(key: string, limit: number, burst: number | undefined, cost: number): RateClaim {
  return { key, limit, periodMs: 60_000, burst: burst ?? Math.max(1, Math.ceil(limit / 6)), cost }
}

function budgetClaims(
  call: LlmCall,
  { maxUsd, maxTokens, periodMs, prices = {}, assumedOutputTokens = 4_096 }: BudgetOptions,
  keys: Keys,
): Pick<Claims, 'budgets' | 'budgetUnits' | 'price'> {
  // Counting tokens and the like cost nothing.
  if (call.operation === 'count-tokens') return { budgets: [], budgetUnits: [], price: undefined }
  const most = mostTokens(call, assumedOutputTokens)
  const period = periodMs === undefined ? {} : { periodMs }
  const budgets: BudgetClaim[] = []
  const budgetUnits: ('tokens' | 'usd')[] = []
  if (maxTokens !== undefined) {
    const amount = most.input + most.output
    budgets.push({ key: keys.tokens, limit: maxTokens, amount, ...period })
    budgetUnits.push('tokens')
  }
  const price = prices[call.model]
  if (maxUsd !== undefined) {
    if (price === undefined) {
      throw new HoldfastError(
        'CALL_REFUSED',
        `budget.maxUsd is set, but budget.prices has no price for the model ${call.model}`,
      )
    }
    const dearest = Math.max(price.inputUsdPerMillion, price.cacheWriteUsdPerMillion ?? 0)
    // Dollars per million tokens are millionths of a dollar per token.
    const amount = Math.ceil(most.input * dearest + most.output * price.outputUsdPerMillion)
    budgets.push({ key: keys.usd, limit: Math.floor(maxUsd * 1e6), amount, ...period })
    budgetUnits.push('usd')
  }
  return { budgets, budgetUnits, price }
}

/** All tokens that a reply reports. */
export function tokensOf({ inputTokens = 0, outputTokens = 0 }: Usage): number {
  return inputTokens + outputTokens
}

/** What a reply cost, in millionths of a dollar. */
export function microUsdOf(usage: Usage, price: TokenPrice): number {
  const { inputTokens = 0, outputTokens = 0, cachedInputTokens = 0, cacheWriteTokens = 0 } = usage
  const { inputUsdPerMillion: input, outputUsdPerMillion: output } = price
  const { cachedInputUsdPerMillion: cached = input, cacheWriteUsdPerMillion: written = input } =
    price
  const fresh = Math.max(0, inputTokens - cachedInputTokens - cacheWriteTokens)
  return Math.ceil(
    fresh * input + cachedInputTokens * cached + cacheWriteTokens * written + outputTokens * output,
  )
}

function scopeOf(call: LlmCall, per: LimitScope, credential: string): string {
  switch (per) {
    case 'model':
      return `${call.provider} ${call.host} ${call.model} ${hashOf(credential)}`
    case 'account':
      return `${call.provider} ${call.host} ${hashOf(credential)}`
    case 'all':
      return 'all'
    default:
      return `${per} ${hashOf(call.run?.[per] ?? '')}`
  }
}

/** Tells accounts and people apart in a store without showing keys or names. */
function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}
