import { crc32 } from 'node:zlib'
import { startLab } from '@holdfast/lab'
import type { Lab, Step } from '@holdfast/lab'
import type { Cell } from './cell.ts'
import { expectationOf } from './expectations.ts'

/** What the model answers where nothing goes wrong. Not ASCII alone, so that bytes and characters differ. */
export const answerText =
  'Every call ends: with the whole answer – “all of it” – or with an error that says why. Grüße, 世界 🌍!'

/** A lab that answers the cell's own path alone: a late retry of another cell may have hit the same port. */
export async function startCellLab(cell: Cell): Promise<{ lab: Lab; prefix: string }> {
  const { fault, details } = expectationOf(cell.fault)
  if (fault === 'connection-refused') throw new TypeError('this fault has no lab')
  const seed = crc32(cell.id)
  const prefix = `/${seed.toString(36)}`
  const strikes = { once: 1, twice: 2, always: Number.POSITIVE_INFINITY }[cell.plan]
  let arrived = 0
  const script = ({ path }: { readonly path: string }): Step => {
    if (!path.startsWith(prefix)) return { fault: 'invalid-request' }
    const struck = arrived++ < strikes
    return struck
      ? {
          text: cell.fault === 'length-cut-tool-call' ? '' : answerText,
          fault: { ...details, name: fault },
        }
      : { text: answerText }
  }
  // Circuit breakers know a provider by host and port: no two cells of a process share one.
  let lab = await startLab({ seed, script })
  while (usedUrls.has(lab.url)) {
    await lab.close()
    lab = await startLab({ seed, script })
  }
  usedUrls.add(lab.url)
  return { lab, prefix }
}

const usedUrls = new Set<string>()
