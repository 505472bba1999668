import type {
  HoldfastError,
  InDoubtPolicy,
  Interceptor,
  JournalStore,
  LlmCall,
  Run,
  ToolCall,
  Usage,
} from '@holdfast/core'
import { atExit } from '@holdfast/core'
import { encryptedStore } from './encryption/encrypted-store.ts'
import type { EncryptionOptions } from '@holdfast/core/encryption'
import { LlmCalls } from './llm.ts'
import { maskOf } from './request/masks.ts'
import type { Masker } from './request/masks.ts'
import { JoinedRuns } from './run/joined-runs.ts'
import { JournaledRuns } from './run/journaled-runs.ts'
import type { Divergence, Recording, Settings } from './run/settings.ts'
import { runsApi } from './runs-api.ts'
import type { RunsApi } from './runs-api.ts'
import { ToolCalls } from './tool.ts'
import type { Display } from './transfer/transfer.ts'

/** How runs are kept and gone on with. */
export interface JournalOptions {
  readonly store: JournalStore
  /** Encrypts what was said. @default nothing is encrypted */
  readonly encryption?: EncryptionOptions
  /** For how long a run is held without a sign of life. @default 30_000 */
  readonly leaseMs?: number
  /**
   * An unfinished run of the same agent, session, identity and first request whose owner is gone is taken up again
   * by itself if it was touched within this time; 0 for never. @default a day
   */
  readonly resumeWithinMs?: number
  /**
   * `cassette`, for tests: a run that is in the journal and complete is played back, and a call that is not in it is
   * refused; one that is not there is made and written down. `replay` only plays back. @default 'run'
   */
  readonly record?: Recording
  /** Which run `replay` plays back. @default the one of the same id or of the same work */
  readonly replayRun?: string
  /** What is done where a run gone on from asks something else than before. @default 'fork' */
  readonly divergence?: Divergence
  /** What is done about a tool call that was cut off. @default 'ask' */
  readonly inDoubt?: InDoubtPolicy
  /** The same for tools by name. */
  readonly tools?: Readonly<Record<string, InDoubtPolicy>>
  /** What differs from one execution to the next, such as times in prompts, and is not to count. @default none */
  readonly maskers?: readonly Masker[]
  /** Calls outside of any run are joined to runs by what they say. @default true */
  readonly joinCalls?: boolean
  /** For how long finished runs are kept; Infinity for ever. @default 30 days */
  readonly keepMs?: number
  /** Gets what the application should know. @default process.emitWarning */
  readonly warn?: (message: string) => void
  /** How people see what was said. @default it is hidden from them */
  readonly display?: Display
  /** What the tokens of a call cost in US dollars, where that is known. */
  readonly costOf?: (call: LlmCall, usage: Usage) => number | undefined
  /** Gets what kept an LLM record from being written; the call goes on. */
  readonly alarm?: (error: unknown) => void
}

/** Runs that are written down so that they can be gone on with. */
export interface Journal {
  /** To stand inside governance and outside memory. */
  readonly llm: Interceptor
  readonly tool: Interceptor<ToolCall>
  /** What can be asked of runs. */
  readonly runs: RunsApi
  /** Calls `work` as that run, and ends the run with it. `named`: it is to be gone on with under its id. */
  run<T>(run: Run, named: boolean, work: () => T): T
  /**
   * A value that a run gone on with gets again. Outside of a run with a name of its own it is a new one each time:
   * such a run is known by its first call, which this is none.
   */
  value<T extends string | number>(run: Run | undefined, name: string, make: () => T): Promise<T>
  /** Gives up all runs of this process. */
  close(): Promise<void>
}

const day = 24 * 60 * 60 * 1_000
const retentionEveryMs = 10 * 60 * 1_000

/** Records every LLM and tool call of the runs, and answers from the record what was done before. */
export function journal({
  store: given,
  encryption,
  leaseMs = 30_000,
  resumeWithinMs = day,
  record = 'run',
  replayRun,
  divergence = 'fork',
  inDoubt = 'ask',
  tools = {},
  maskers = [],
  joinCalls = true,
  keepMs = 30 * day,
  warn = (message) => process.emitWarning(message, 'HoldfastWarning'),
  display,
  costOf,
  alarm = () => {},
}: JournalOptions): Journal {
  const store = encryption === undefined ? given : encryptedStore(given, encryption)
  const mask = maskOf(maskers)
  const settings: Settings = {
    store,
    leaseMs,
    resumeWithinMs,
    record,
    replayRun,
    divergence,
    inDoubt,
    tools,
    mask,
    costOf,
    warn,
  }
  const runs = new JournaledRuns(settings)
  const joined = joinCalls ? new JoinedRuns(runs) : undefined
  let alarmed = false
  const llmCalls = new LlmCalls(runs, {
    settings,
    joined,
    alarm(error) {
      if (!alarmed) warn(`a model call was not recorded in the journal: ${String(error)}`)
      alarmed = true
      alarm(error)
    },
  })
  const toolCalls = new ToolCalls({ runs, joined }, settings)
  /**
   * Resolves when that is written; at once where calls are under way that somebody may never read to their end. Answers
   * why the run is not over, where it is another's by now.
   */
  const ended = async (
    run: Run,
    state: 'completed' | 'failed',
  ): Promise<HoldfastError | undefined> => {
    const isUnderWay = runs.isUnderWay(run)
    const end = runs.end(run, state).catch((error: unknown) => {
      alarm(error)
      return undefined
    })
    const refusal = isUnderWay ? undefined : await end
    // Many processes live too short for the timer.
    if (!forgotten) forget()
    return refusal
  }

  const forgetExit = atExit((code) => {
    // A process that ends well has done its work; what broke it off is gone on with.
    if (code !== 0) return
    void runs.endAll()
    void store.close()
  })

  const api = runsApi(store, runs, display)
  let forgotten = keepMs === Infinity
  function forget(): void {
    forgotten = true
    api.prune({ olderThanMs: keepMs }).catch(alarm)
  }
  const retention = forgotten ? undefined : setInterval(forget, retentionEveryMs).unref()

  return {
    llm: function journal(call, next) {
      return llmCalls.answer(call, next)
    },
    tool: function journal(call, next) {
      return toolCalls.answer(call, next)
    },
    runs: api,
    run(run, named, work) {
      if (named) runs.name(run)
      const result = work()
      // What is no promise may still be at work: a stream that somebody reads.
      if (!(result instanceof Promise)) {
        runs.endWhenIdle(run)
        return result
      }
      runs.workBegins(run)
      return result.then(
        async (value: unknown) => {
          runs.workEnds(run)
          let refusal = await runs.refusal(run)
          if (isStream(value)) runs.endWhenIdle(run)
          else {
            const lost = await ended(run, 'completed')
            refusal ??= lost
          }
          // Whatever the agent made of the refusal, it is not the answer of this run.
          if (refusal !== undefined) throw refusal
          return value
        },
        async (error: unknown) => {
          runs.workEnds(run)
          const refusal = await runs.refusal(run, error)
          await ended(run, 'failed')
          throw refusal ?? error
        },
      ) as typeof result
    },
    async value(run, name, make) {
      const place = run === undefined ? undefined : runs.placeOf(run)
      if (place === undefined || !(place.run.isOpen || place.run.isNamed)) return make()
      const { run: journaled, scope } = place
      if (!journaled.isOpen) await journaled.open('')
      const known = journaled.records.takeValue(scope, name)
      const ordinal = journaled.ordinal(scope, `value ${name}`)
      if (known !== undefined) return known as ReturnType<typeof make>
      journaled.refuseToGoLive(() => `${name}()`)
      const value = make()
      await journaled.append('value', { scope, ordinal, name, value })
      return value
    },
    async close() {
      forgetExit()
      clearInterval(retention)
      await runs.endAll()
      await store.close()
    },
  }
}

function isStream(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}
