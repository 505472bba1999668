import { randomUUID } from 'node:crypto'
import { HoldfastError } from '@holdfast/core'
import type { LlmCall, Run, ToolCall } from '@holdfast/core'
import { memoryLimitStore } from '@holdfast/core/limits'
import type { Admission, LimitStore, RateClaim } from '@holdfast/core/limits'
import { tellDecision } from '../decide.ts'
import { globsFit } from '../permissions/globs.ts'
import type { OperationRate } from './options.ts'

/** A store that is silent for longer does not answer. */
const patienceMs = 2_000
const leaseMs = 30_000

interface CompiledRate extends OperationRate {
  readonly fits: (kind: 'model' | 'tool', names: readonly string[]) => boolean
}

/** Keeps users within rates of expensive operations, in this process or, with a store, in many. */
export class OperationRates {
  readonly #rates: readonly CompiledRate[]
  readonly #store: LimitStore

  constructor(rates: readonly OperationRate[], store: LimitStore = memoryLimitStore()) {
    this.#store = store
    this.#rates = rates.map((rate) => {
      const { models, tools } = rate
      const [model, tool] = [globsFit(models), globsFit(tools)]
      return {
        ...rate,
        fits: (kind, names) =>
          kind === 'model'
            ? models !== undefined && names.some(model)
            : tools !== undefined && names.some(tool),
      }
    })
  }

  /** Undefined where it is admitted at once. @throws HoldfastError LIMIT_REACHED, STORE_UNREACHABLE */
  checkModel(call: LlmCall): Promise<void> | undefined {
    return this.#check(call, 'model', call.model, [call.model])
  }

  /** @throws HoldfastError LIMIT_REACHED, STORE_UNREACHABLE */
  checkTool(call: ToolCall, toolClass: string | undefined): Promise<void> | undefined {
    const names = toolClass === undefined ? [call.name] : [call.name, `class:${toolClass}`]
    return this.#check(call, 'tool', call.name, names)
  }

  #check(
    call: LlmCall | ToolCall,
    kind: 'model' | 'tool',
    name: string,
    names: readonly string[],
  ): Promise<void> | undefined {
    const asked = this.#rates.filter((rate) => rate.fits(kind, names))
    if (asked.length === 0) return undefined
    const claims = asked.map((rate) => claimOf(rate, call.run))
    const judge = (admission: Admission): void => {
      if (admission.admitted) return
      const rate = asked[claims.findIndex(({ key }) => key === admission.key)] ?? asked[0]
      if (rate !== undefined) refuse(call, { kind, name }, rate, admission.retryInMs)
    }
    const unreachable = (error: unknown): void => {
      if (HoldfastError.is(error) && error.code !== 'STORE_UNREACHABLE') throw error
      if (asked.every(({ onStoreFailure }) => onStoreFailure === 'open')) return
      throw new HoldfastError(
        'STORE_UNREACHABLE',
        `The store of security.rates does not answer, so that nobody knows whether there is room for ${name}`,
        { cause: error, retryable: true },
      )
    }
    let answer: Admission | Promise<Admission>
    try {
      answer = this.#store.admit({ id: randomUUID(), leaseMs, rates: claims })
    } catch (error) {
      unreachable(error)
      return undefined
    }
    if (answer instanceof Promise)
      return inTime(answer)
        .catch(unreachable)
        .then((one) => one && judge(one))
    judge(answer)
    return undefined
  }
}

function claimOf(rate: OperationRate, run: Run | undefined): RateClaim {
  const { name, limit, periodMs, burst = limit, per = 'user' } = rate
  const whose = per === 'everybody' ? '' : (run?.[per] ?? '')
  const key = `security.rate:${JSON.stringify([name, per, per === 'tenant' ? '' : (run?.tenant ?? ''), whose])}`
  return { key, limit, periodMs, burst, cost: 1 }
}

function refuse(
  call: LlmCall | ToolCall,
  subject: { readonly kind: 'model' | 'tool'; readonly name: string },
  { name, per = 'user' }: OperationRate,
  retryInMs: number,
): never {
  const seconds = Math.ceil(retryInMs / 1_000)
  tellDecision(call, {
    policy: 'security.rates',
    verdict: 'deny',
    rule: `rates.${name}`,
    reason: `The rate ${name} per ${per} has no room for ${seconds} s.`,
    subject,
  })
  throw new HoldfastError(
    'LIMIT_REACHED',
    `${subject.kind} ${subject.name}: the rate ${name} per ${per} is reached; there is room in ${seconds} s`,
    { retryAt: new Date(Date.now() + Math.min(retryInMs, 1e12)) },
  )
}

async function inTime<Value>(value: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${patienceMs} ms`)), patienceMs)
  })
  try {
    return await Promise.race([value, late])
  } finally {
    clearTimeout(timer)
  }
}
