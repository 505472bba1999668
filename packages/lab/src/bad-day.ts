import { checkFaultName } from './check.ts'
import type { FaultName } from './faults/catalogue.ts'
import { applicableFault } from './faults/catalogue.ts'
import { random } from './random.ts'
import type { LabRequest } from './request.ts'
import type { Script, Step } from './script.ts'
import { stepOf } from './step-of.ts'

/** How bad a day is. */
export interface BadDayOptions {
  /** The share of calls that meet a fault, 0 to 1. @default 0.3 */
  readonly rate?: number
  /** What may go wrong. @default the faults that a robust client gets over */
  readonly faults?: readonly FaultName[]
  /** How many calls in a row may meet one. @default 2 */
  readonly maxInARow?: number
  /** What is answered when nothing goes wrong. @default a plain good answer */
  readonly script?: Script
  /** What Retry-After says. @default 1000 */
  readonly retryAfterMs?: number
}

const survivable: readonly FaultName[] = [
  'rate-limited',
  'rate-limited-ms',
  'overloaded',
  'overloaded-event-first',
  'server-error',
  'unavailable',
  'bad-gateway-html',
  'gateway-timeout',
  'cloudflare-520',
  'reset-before-headers',
  'close-before-headers',
  'header-stall',
  'reset-mid-body',
  'truncated-json-200',
  'empty-200',
  'html-200',
  'empty-choices',
  'stall-before-content',
  'cut-before-content',
  'reset-before-content',
]

/** A script of a bad day: faults mixed in among good answers, the same ones for the same seed. */
export function badDay(
  seed: number,
  options: BadDayOptions = {},
): (request: LabRequest) => Promise<Step> {
  const { rate = 0.3, faults = survivable, maxInARow = 2, script = {}, retryAfterMs } = options
  if (!(rate >= 0 && rate <= 1)) throw new TypeError(`rate must be from 0 to 1, not ${rate}`)
  if (!(maxInARow >= 1)) throw new TypeError(`maxInARow must be 1 or more, not ${maxInARow}`)
  for (const name of faults) checkFaultName(name, 'badDay')
  const struck: boolean[] = []

  const strikes = (callIndex: number): boolean => {
    // Decided in order, whatever order the calls come in: what is allowed depends on the ones before.
    for (let index = struck.length; index <= callIndex; index++) {
      const before = struck.slice(-maxInARow)
      const enough = before.length === maxInARow && before.every(Boolean)
      struck.push(!enough && random(seed, index).next() < rate)
    }
    return struck[callIndex] === true
  }

  return async function badDay(request) {
    const striking = strikes(request.callIndex)
    const strikesBefore = struck.slice(0, request.callIndex).filter(Boolean).length
    // A spoiled call does not use up a step of a list.
    const step = await stepOf(script, request, request.callIndex - strikesBefore)
    if (!striking) return step
    const possible = faults.filter((name) => applicableFault(name, request.wire, request.streaming))
    const picked = random(seed, request.callIndex, 1).next() * possible.length
    const name = possible[Math.floor(picked)]
    if (name === undefined) return step
    return { ...step, fault: { name, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) } }
  }
}
