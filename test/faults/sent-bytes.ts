import type { Cell } from './cell.ts'
import type { SentBody } from './cell-result.ts'
import { startCellLab } from './cell-lab.ts'
import { kindOf } from './expectations.ts'
import type { Question } from './clients/client.ts'
import { requestOf } from './clients/plain-fetch.ts'

/** What the lab sends for the first three requests of a cell; a body that never ends is read for a while. */
export async function sentBytes(cell: Cell, question: Question): Promise<readonly SentBody[]> {
  const { unseen, warm } = kindOf(cell.fault)
  if (unseen === true || warm === true) return []
  const { lab, prefix } = await startCellLab(cell)
  await using _ = lab
  const bodies: SentBody[] = []
  while (bodies.length < 3) {
    const pieces: Uint8Array[] = []
    const signal = AbortSignal.timeout(mostMs)
    try {
      const again = { ...question, baseUrl: lab.url + prefix, signal }
      const response = await fetch(...requestOf(again))
      for await (const piece of response.body ?? []) pieces.push(piece)
    } catch {
      // What came before the fault is what counts.
    }
    bodies.push({ base64: Buffer.concat(pieces).toString('base64'), whole: !signal.aborted })
  }
  return bodies
}

const mostMs = 2000
