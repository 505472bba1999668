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
  /** Of the rates, the one that is counted in tokens. */
  readonly tokenRate: RateClaim | undefined
  readonly budgetUnits: readonly ('tokens' | 'usd')[]
  readonly price: TokenPrice | undefined
}

/** What calls ask of the limits, from options. */
export class ClaimMaker {
  readonly #rateLimit: false | RateLimitOptions
  readonly #concurrency: false | ConcurrencyOptions
  readonly #budget: false | BudgetOptions
  /** What else than the endpoint tells scopes apart. */
  readonly #byCredential: boolean
  readonly #byRun: boolean
  #last: Pick<LlmCall, 'model' | 'host' | 'provider' | 'run'> | undefined
  #credential = ''
  #usual: UsualClaims | undefined

  constructor({ rateLimit = false, concurrency = false, budget = false }: LimitsOptions) {
    this.#rateLimit = rateLimit
    this.#concurrency = concurrency
    this.#budget = budget
    const scopes = [
      rateLimit && (rateLimit.per ?? 'model'),
      concurrency && (concurrency.per ?? 'model'),
      budget && (budget.per ?? 'all'),
    ]
    this.#byCredential = scopes.some((per) => per === 'model' || per === 'account')
    this.#byRun = scopes.some((per) => per === 'user' || per === 'tenant' || per === 'agent')
  }

  of(call: LlmCall): Claims {
    const { same, tokens, budgetKeys } = this.#usualOf(call)
    const budget = budgetKeys && this.#budget
    if (tokens === undefined && !budget) return same
    const { slots } = same
    const tokenRate = tokens && { ...tokens, cost: estimateTokens(call) }
    const rates = tokenRate === undefined ? same.rates : [...same.rates, tokenRate]
    const { budgets, budgetUnits, price } = budget ? budgetClaims(call, budget, budgetKeys) : same
    return { rates, slots, budgets, tokenRate, budgetUnits, price }
  }

  /** Most calls are of the same scopes as the one before: comparing is cheaper than naming them again. */
  #usualOf(call: LlmCall): UsualClaims {
    const { model, host, provider, run } = call
    const last = this.#last
    const credential = this.#byCredential ? credentialOf(call.http) : ''
    if (
      this.#usual !== undefined &&
      last?.model === model &&
      last.host === host &&
      last.provider === provider &&
      (last.run === run || !this.#byRun) &&
      this.#credential === credential
    ) {
      return this.#usual
    }
    this.#last = { model, host, provider, run }
    this.#credential = credential
    return (this.#usual = this.#makeUsual(call, credential))
  }

  #makeUsual(call: LlmCall, credential: string): UsualClaims {
    const rates: RateClaim[] = []
    let tokens: RateClaim | undefined
    if (this.#rateLimit !== false) {
      const { requestsPerMinute, tokensPerMinute, burst, burstTokens, per } = this.#rateLimit
      const scope = scopeOf(call, per ?? 'model', credential)
      if (requestsPerMinute !== undefined) {
        rates.push(perMinute(`requests:${scope}`, requestsPerMinute, burst))
      }
      if (tokensPerMinute !== undefined) {
        tokens = perMinute(`tokens:${scope}`, tokensPerMinute, burstTokens)
      }
    }
    const slots: SlotClaim[] = []
    if (this.#concurrency !== false) {
      const { per = 'model', max } = this.#concurrency
      slots.push({ key: scopeOf(call, per, credential), max })
    }
    let budgetKeys: BudgetKeys | undefined
    if (this.#budget !== false) {
      const scope = scopeOf(call, this.#budget.per ?? 'all', credential)
      budgetKeys = { tokens: `tokens:${scope}`, usd: `usd:${scope}` }
    }
    const none = { tokenRate: undefined, budgets: [], budgetUnits: [], price: undefined }
    return { same: { rates, slots, ...none }, tokens, budgetKeys }
  }
}

/** What calls of the same scopes have in common. */
interface UsualClaims {
  /** What each of them asks for. */
  readonly same: Claims
  /** The rate in tokens; its cost is each call's own. */
  readonly tokens: RateClaim | undefined
  readonly budgetKeys: BudgetKeys | undefined
}

/** How the budgets of one scope are called. */
interface BudgetKeys {
  readonly tokens: string
  readonly usd: string
}

function perMinute(key: string, limit: number, burst: number | undefined): RateClaim {
  const atOnce = burst ?? Math.max(1, Math.ceil(limit / 6))
  return { key, limit, periodMs: 60_000, burst: atOnce, cost: 1 }
}

function budgetClaims(
  call: LlmCall,
  { maxUsd, maxTokens, periodMs, prices = {}, assumedOutputTokens = 4_096 }: BudgetOptions,
  keys: BudgetKeys,
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
