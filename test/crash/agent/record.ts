import { randomBytes } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { receiptFor } from '../conversation.ts'
import type { ToolPlace, TruthFile } from '../truth.ts'
import type { Pass } from './death.ts'

/** The tool of all agents: it takes a moment, and its effect is a line in a file that nobody can take back. */
export function recorder(truth: TruthFile, pass: Pass): (place: ToolPlace) => Promise<string> {
  return async function record({ step, slot }) {
    truth.write({ at: 'begun', step, slot })
    await setTimeout(1)
    pass('effect-before')
    const receipt = receiptFor({ step, slot }, randomBytes(6).toString('hex'))
    truth.write({ at: 'effect', step, slot, receipt })
    pass('effect-after')
    await setTimeout(1)
    return receipt
  }
}
