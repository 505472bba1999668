// The options of Holdfast in the processes of OpenClaw that is killed: a journal in whose writes it dies. Its tool is
// made here too, for its plugin to find.
import { writeSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { JournalStore } from '@holdfast/core'
import type { HoldfastOptions } from 'holdfast'
import { deathAt } from '../agent/death.ts'
import type { journalStore } from '../agent/journal-store.ts'
import { recorder } from '../agent/record.ts'
import { watch } from '../agent/watch.ts'
import { recordTool } from '../agents/agent.ts'
import { readJob } from '../job.ts'
import { TruthFile } from '../truth.ts'
import type { ToolPlace } from '../truth.ts'
import { toolKey } from './container.ts'
import { watchModel } from './watch-model.ts'

const require = createRequire(import.meta.url)
const job = readJob()
const truth = new TruthFile(job.truthFile)
const pass = deathAt(job, truth)
const record = recorder(truth, pass)

Reflect.set(globalThis, Symbol.for(toolKey), {
  ...recordTool,
  async execute(_callId: string, place: ToolPlace) {
    return { content: [{ type: 'text', text: await record(place) }], details: {} }
  },
})

const options: HoldfastOptions = {
  telemetry: false,
  adapters: {
    own: [
      watchModel(watch({ work: job.work, truth, pass }), () => {
        // Whoever started it waits for that with the kill.
        writeSync(2, 'ready\n')
      }),
    ],
  },
  journal: job.keeper === 'journal' && {
    leaseMs: 300,
    warn: (message) => truth.write({ at: 'warned', message }),
    store: opened(() => {
      const store = require('../agent/journal-store.ts') as { journalStore: typeof journalStore }
      return store.journalStore(job, pass)
    }),
  },
}
export default options

/** A store that is opened as it is used first: OpenClaw is many processes, of which one calls models. */
function opened(open: () => JournalStore): JournalStore {
  let store: JournalStore | undefined
  return new Proxy({} as JournalStore, {
    has: () => true,
    get: (_target, name) => Reflect.get((store ??= open()), name) as unknown,
  })
}
