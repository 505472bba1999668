import { readFileSync } from 'node:fs'
import { startLab } from '@holdfast/lab'
import type { LabRequest, Step } from '@holdfast/lab'
import type { Cell } from './cell.ts'
import type { Work } from './conversation.ts'
import { modelSays, receiptsIn, stepOf } from './conversation.ts'

/** A request of a run, as the provider saw it. */
export interface Asked {
  readonly step: number
  /** The process that asked, counted from 0. */
  readonly life: number
  /** The framework already had all of this step's reply. */
  readonly completed: boolean
}

/** What the provider knows of one run. */
export interface AskedRun {
  readonly url: string
  readonly asked: readonly Asked[]
  /** What the tools returned, as the requests carry it: of each call the latest. */
  readonly receipts: ReadonlyMap<string, string>
  /** From now on requests come from the next process. */
  nextLife(): void
  close(): void
}

/** The providers of all runs: one server, an address for each run. */
export interface Provider extends AsyncDisposable {
  follow(run: {
    readonly id: string
    readonly cell: Cell
    readonly work: Work
    readonly truthFile: string
  }): AskedRun
}

/** Starts a real HTTP server that answers from the conversation alone and counts requests by step. */
export async function startProvider(): Promise<Provider> {
  const runs = new Map<string, (request: LabRequest) => Step>()
  const lab = await startLab({
    keepRequests: 100,
    script(request) {
      const [, id = ''] = /^\/run\/([^/]+)\//.exec(request.path) ?? []
      const answer = runs.get(id)
      if (answer === undefined) throw new Error(`nobody follows run "${id}"`)
      return answer(request)
    },
  })
  return {
    follow({ id, cell, work, truthFile }) {
      const asked: Asked[] = []
      const receipts = new Map<string, string>()
      let life = 0
      runs.set(id, ({ bodyText, streaming }) => {
        if (streaming !== (cell.reply === 'stream')) throw new Error(`not ${cell.reply} as asked`)
        const step = stepOf(bodyText, work)
        const again = asked.some((earlier) => earlier.step === step)
        asked.push({ step, life, completed: again && hasReply(truthFile, step) })
        for (const [place, receipt] of receiptsIn(bodyText)) receipts.set(place, receipt)
        return { ...modelSays(step, work, cell.agent), delayMs: 2 }
      })
      return {
        url: `${lab.url}/run/${id}`,
        asked,
        receipts,
        nextLife() {
          life++
        },
        close: () => void runs.delete(id),
      }
    },
    [Symbol.asyncDispose]: () => lab.close(),
  }
}

function hasReply(truthFile: string, step: number): boolean {
  try {
    return readFileSync(truthFile, 'utf8').includes(`{"at":"reply","step":${step}}\n`)
  } catch {
    return false
  }
}
