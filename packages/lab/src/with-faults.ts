import { checkFaultName } from './check.ts'
import type { FaultName } from './faults/catalogue.ts'
import { faultRow } from './faults/catalogue.ts'
import type { LabRequest } from './request.ts'
import type { Fault, Script, Step } from './script.ts'
import { stepOf } from './step-of.ts'

/**
 * A script with faults at given model calls, counted from 0: `withFaults(script, { 0: 'rate-limited' })`.
 *
 * The call that comes after a fault gets the step that the fault spoiled, so a client that tries again goes on where
 * it was.
 */
export function withFaults(
  script: Script,
  faults: Readonly<Record<number, FaultName | Fault>>,
): (request: LabRequest) => Promise<Step> {
  const positions = new Map(
    Object.entries(faults).map(([index, fault]) => {
      const long = typeof fault === 'string' ? { name: fault } : fault
      checkFaultName(long.name, `withFaults[${index}]`)
      return [Number(index), long] as const
    }),
  )
  return async function withFaults(request) {
    const spoiled = [...positions].filter(
      ([index, fault]) => index < request.callIndex && faultRow(fault.name) > 0,
    )
    const step = await stepOf(script, request, request.callIndex - spoiled.length)
    const fault = positions.get(request.callIndex)
    return fault === undefined ? step : { ...step, fault }
  }
}
