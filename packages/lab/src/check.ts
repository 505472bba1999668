import type { FaultName } from './faults/catalogue.ts'
import { faults, isFaultName } from './faults/catalogue.ts'
import type { Fault, Step } from './script.ts'

/** The fault of a step in its long form. */
export function faultOf({ fault }: Step): Fault | undefined {
  return typeof fault === 'string' ? { name: fault } : fault
}

/** Refuses a step that asks for a fault that does not exist; a script from a file is not type-checked. */
export function checkStep(step: Step, where: string): Step {
  if (typeof step !== 'object' || step === null || Array.isArray(step)) {
    throw new TypeError(`${where} must be an object such as { text: 'hello' }, not ${String(step)}`)
  }
  const name = faultOf(step)?.name
  if (name !== undefined) checkFaultName(name, where)
  return step
}

/** The fault of that name. */
export function checkFaultName(name: string, where: string): FaultName {
  if (isFaultName(name)) return name
  const near = faults.map((fault) => fault.name).filter((known) => sharesWord(known, name))
  const hint = near.length > 0 ? `; near it: ${near.slice(0, 6).join(', ')}` : ''
  throw new TypeError(`${where}: there is no fault "${name}"${hint}`)
}

function sharesWord(known: string, name: string): boolean {
  return name.split('-').some((word) => word.length > 2 && known.split('-').includes(word))
}
