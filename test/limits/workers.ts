import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type {
  BudgetJob,
  BudgetReport,
  CallsJob,
  CallsReport,
  Job,
  Report,
  TreeJob,
  TreeReport,
} from './jobs.ts'

/** Some processes that do as they are told. */
export interface Workers extends AsyncDisposable {
  /** Gives each of them the job; resolves with what came of it, once all are done. */
  budget(job: BudgetJob): Promise<readonly BudgetReport[]>
  /** Starts calls in each of them. Those that are killed report nothing. */
  calls(job: CallsJob): CallsUnderWay
  /** Gives each of them the job. Those that are killed report nothing. */
  tree(job: TreeJob): Promise<readonly TreeReport[]>
  /** Those of these names, or so many. */
  kill(which: readonly string[] | number): Promise<void>
}

export interface CallsUnderWay {
  /** Forgets how long calls waited so far. */
  reset(): void
  /** Stops the loops; resolves when their last calls have ended. */
  stop(): Promise<readonly CallsReport[]>
}

export async function startWorkers(count: number): Promise<Workers> {
  const processes = Array.from({ length: count }, (_, index) =>
    fork(join(import.meta.dirname, 'worker.ts'), {
      execArgv: ['--conditions=@holdfast/source'],
      env: { ...process.env, HOLDFAST_TEST_WORKER: nameOf(index) },
    }),
  )
  await Promise.all(processes.map(ready))
  const living = () =>
    processes.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
  const give = (job: Job) => living().map((child) => reportOf(child, job))
  return {
    budget: async (job) => (await Promise.all(give(job))) as BudgetReport[],
    calls(job) {
      const reports = give(job)
      return {
        reset() {
          for (const child of living()) child.send({ type: 'reset' } satisfies Job)
        },
        async stop() {
          for (const child of living()) child.send({ type: 'stop' } satisfies Job)
          const done = await Promise.all(reports)
          return done.filter((report) => report?.type === 'calls')
        },
      }
    },
    async tree(job) {
      const done = await Promise.all(give(job))
      return done.filter((report) => report?.type === 'tree')
    },
    async kill(which) {
      const victims =
        typeof which === 'number'
          ? living().slice(0, which)
          : processes.filter((_, index) => which.includes(nameOf(index)))
      const gone = victims.map((child) => once(child, 'exit'))
      for (const child of victims) child.kill('SIGKILL')
      await Promise.all(gone)
    },
    async [Symbol.asyncDispose]() {
      const left = living()
      const gone = left.map((child) => once(child, 'exit'))
      for (const child of left) child.kill()
      await Promise.all(gone)
    },
  }
}

const nameOf = (index: number): string => `worker-${index}`

async function ready(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit').then(([code]) => {
    throw new Error(`a worker ended with ${String(code)} before it began`)
  })
  gone.catch(() => {})
  await Promise.race([once(child, 'message'), gone])
}

/** What a worker reports; undefined where it is gone before. */
function reportOf(child: ChildProcess, job: Job): Promise<Report | undefined> {
  return new Promise((resolve) => {
    const done = (report: Report | undefined): void => {
      child.off('message', done)
      child.off('exit', gone)
      resolve(report)
    }
    const gone = (): void => done(undefined)
    child.on('message', done)
    child.on('exit', gone)
    child.send(job)
  })
}
