import { fork } from 'node:child_process'
import { join } from 'node:path'
import type { Order } from './order.ts'
import type { Outcome, PartMessage } from './part.ts'
import type { ApprovedCall } from './person.ts'

/** What a part has done. */
export interface PartResult {
  readonly order: Order
  readonly outcomes: readonly Outcome[]
  /** Mistakes of Holdfast that it survived. */
  readonly bugs: readonly string[]
  readonly requests: number
  /** How often a person was asked, and what he said yes to. */
  readonly asked: number
  readonly approved: readonly ApprovedCall[]
  readonly seconds: number
}

/** Runs a part in a process of its own. */
export async function runPart(order: Order): Promise<PartResult> {
  const startedAt = performance.now()
  const child = fork(join(import.meta.dirname, 'part.ts'), {
    execArgv: ['--conditions=@holdfast/source'],
    // Frameworks are talkative about tools that fail.
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let lastWords = ''
  child.stderr?.on('data', (bytes: Buffer) => {
    lastWords = `${lastWords}${bytes.toString()}`.slice(-2000)
  })
  const outcomes: Outcome[] = []
  return await new Promise<PartResult>((resolve, reject) => {
    child.on('message', (message: PartMessage) => {
      if (message.type === 'outcome') outcomes.push(message.outcome)
      else {
        const { type: _type, ...done } = message
        resolve({ order, outcomes, ...done, seconds: (performance.now() - startedAt) / 1000 })
      }
    })
    child.on('exit', (code) => {
      reject(new Error(`a part ended with ${code} before it was done: ${lastWords}`))
    })
    child.send(order)
  })
}
