import { crc32 } from 'node:zlib'
import { startLab } from '@holdfast/lab'
import type { Lab, Step } from '@holdfast/lab'
import type { Cell } from './cell.ts'
import { isLabFault, kindOf } from './expectations.ts'
import { Ports } from './ports.ts'

/** What the model answers where nothing goes wrong. Not ASCII alone, so that bytes and characters differ. */
export const answerText =
  'Every call ends: with the whole answer – “all of it” – or with an error that says why. Grüße, 世界 🌍!'

/** A lab that answers the cell's own path alone: a late retry of another cell may have hit the same port. */
export async function startCellLab(cell: Cell): Promise<{ lab: Lab; prefix: string }> {
  const { fault, details, tools } = kindOf(cell.fault)
  if (!isLabFault(fault)) throw new TypeError(`the fault "${fault}" needs no lab`)
  const seed = crc32(cell.id)
  const prefix = `/${seed.toString(36)}`
  const strikes = { once: 1, twice: 2, always: Number.POSITIVE_INFINITY }[cell.plan]
  let arrived = 0
  const script = ({ path }: { readonly path: string }): Step => {
    if (!path.startsWith(prefix)) return { fault: 'invalid-request' }
    const struck = arrived++ < strikes
    return struck
      ? {
          text: tools === true ? '' : answerText,
          fault: { ...details, name: fault },
        }
      : { text: answerText }
  }
  const lab = await ports.try((port) => startLab({ seed, script, port }))
  return { lab, prefix }
}

/** One after the other, and none that the system gives away: a provider that is down comes back to its port. */
export const ports: Ports = new Ports(process.argv[2] === 'bare' ? 'bare' : 'with')
