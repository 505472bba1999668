import { randomUUID } from 'node:crypto'
import { capturedFetch } from '@holdfast/capture'
import { failOpen } from '@holdfast/core'
import type { CallEvent, Interceptor, LlmCall, RunOptions, ToolCall } from '@holdfast/core'
import type { RunsApi } from '@holdfast/journal'
import { governance } from '@holdfast/policies/governance'
import type { GovernanceOptions } from '@holdfast/policies/governance'
import { reliability } from '@holdfast/policies/reliability'
import { Prices, runLine, telemetry } from '@holdfast/telemetry'
import type { TelemetryOptions } from '@holdfast/telemetry'
import type { ChangedArguments, ToolStart } from './adapters/adapter.ts'
import type { ApprovalsApi } from './approvals/approval-settings.ts'
import { openApprovals } from './approvals/open-approvals.ts'
import { openAudit } from './audit/open-audit.ts'
import { openContext } from './context/open-context.ts'
import { openDebugReport, openProbe } from './doctor/open-probe.ts'
import { effectiveOptions } from './config/effective-options.ts'
import { resolveFormats } from './fallback-formats.ts'
import { currentInstance, setInstance } from './instance.ts'
import type { Instance } from './instance.ts'
import { llmLine } from './llm-line.ts'
import { openMemory } from './memory/open-memory.ts'
import type { MemoryApi } from './memory/open-memory.ts'
import { modelCalls } from './model-calls.ts'
import { openJournal } from './journal/open-journal.ts'
import { openLimitStore } from './limit-store.ts'
import { hasRates, openSecurity } from './security/open-security.ts'
import type { HoldfastOptions } from './options.ts'
import type { Report } from './report.ts'
import { Runs } from './runs.ts'
import { Sightings } from './sightings.ts'
import { takeHold } from './take-hold.ts'
import type { CallLines, Grip } from './take-hold.ts'
import { toolLine } from './tool-line.ts'
import { openGate } from './tools/open-gate.ts'
import { withoutEchoes } from './without-echoes.ts'

/** Holdfast at work in this process. */
export interface Holdfast {
  /** fetch with every policy, for who wants to pass it explicitly: `new OpenAI({ fetch: holdfast.fetch })`. */
  readonly fetch: typeof globalThis.fetch
  /** Runs `work` as one run of an agent: every call made in it belongs to the run. */
  run<T>(options: RunOptions, work: () => T): T
  /** Runs a tool through the tool chain. */
  tool(start: ToolStart, execute: (changed?: ChangedArguments) => unknown): Promise<unknown>
  /** The time, as Date.now() tells it. A run with an id that is gone on with gets the same again. */
  now(): Promise<number>
  /** A random UUID, in the same way. */
  uuid(): Promise<string>
  /** A number from 0 to below 1, in the same way. */
  random(): Promise<number>
  /** The runs in the journal; undefined while there is none. */
  readonly runs: RunsApi | undefined
  /** Questions that wait for a person, and their answers. */
  readonly approvals: ApprovalsApi
  /** What agents remember, and how they do. */
  readonly memory: MemoryApi
  /** What is caught, what goes by, what could not be attached to. */
  report(): Report
  /** Tells every call's attempts, waits and switches as they happen. Returns a function that ends it. */
  on(listener: (event: CallEvent) => void): () => void
  /**
   * Takes Holdfast off again: at once nothing is caught any more, and what was patched is given back.
   * Resolves when telemetry is flushed. Where instrument() was called several times, the last one counts.
   */
  uninstrument(): Promise<void>
}

/**
 * Puts Holdfast underneath the process: every call to a model provider and every tool call of a known framework.
 * Called again it returns the same Holdfast; the options of the first call stay.
 * @throws HoldfastError OPTIONS_INVALID or CONFIG_INVALID, naming the option, what came and what is allowed.
 */
export function instrument(options?: HoldfastOptions): Holdfast {
  return take(options)
}

/**
 * The same as the first of an application's imports. Resolves when the frameworks among the imports that follow are
 * attached to, or after a turn of the event loop.
 */
export async function instrumentFirst(): Promise<void> {
  take(undefined)
  await Promise.race([currentInstance()?.attached, new Promise((resolve) => setImmediate(resolve))])
}

function take(options: HoldfastOptions | undefined): Holdfast {
  const checked = effectiveOptions(options)
  const before = currentInstance()
  if (before?.standsIn === true) void before.end()
  const instance =
    before === undefined || before.standsIn
      ? {
          ...start(checked, (lines) => takeHold(checked, { preloaded: false }, lines)),
          standsIn: false,
          users: 0,
        }
      : before
  setInstance(instance)
  instance.users++
  let ended: Promise<void> | undefined
  return {
    ...instance.handle,
    uninstrument() {
      if (ended !== undefined) return ended
      instance.users--
      if (instance.users > 0) return (ended = Promise.resolve())
      setInstance(undefined)
      return (ended = instance.end())
    },
  }
}

/** The Holdfast that is on, if any. */
export function activeHoldfast(): Omit<Holdfast, 'uninstrument'> | undefined {
  return currentInstance()?.handle
}

/** Holdfast at work, before anybody uses it. */
export interface Started extends Pick<Instance, 'handle' | 'attached' | 'end'> {
  readonly lines: CallLines
}

/**
 * Puts everything together that the options ask for. `hold` takes hold of the process, where that is not done yet;
 * `maskers` is what its frameworks write into their requests that differs from one start to the next.
 */
export function start(
  options: HoldfastOptions,
  hold: (lines: () => CallLines) => Grip,
  maskers: readonly RegExp[] = [],
): Started {
  const sightings = new Sightings()
  const listeners = new Set<(event: CallEvent) => void>()
  const emit = (event: CallEvent): void => {
    if (event.type === 'decision-made') sightings.decided(event.decision)
    for (const listener of listeners) {
      try {
        listener(event)
      } catch (error) {
        sightings.bug('a listener', error)
      }
    }
  }

  const report = (): Report => ({
    active,
    ...sightings.report(),
    adapters: grip.adapters?.report(sightings.atWork) ?? [],
    tools: gate?.report() ?? [],
  })
  const probe = openProbe(options, report)
  const endDebugReport = openDebugReport(report)
  const watcher =
    options.telemetry === false
      ? undefined
      : telemetry({ ...options.telemetry, ...runLog(options.runLog) })
  const journal = openJournal(options.journal, {
    alarm: (error) => sightings.bug('journal', error),
    prices:
      options.telemetry === false
        ? undefined
        : new Prices({ own: options.telemetry?.prices, warn() {} }),
    maskers,
  })
  const audit = openAudit(options, (error) => sightings.bug('audit', error))
  if (audit !== undefined) listeners.add(audit.listen)
  const approvals = openApprovals(options, {
    decided: (decision) => emit({ type: 'decision-made', decision }),
    bug: (where, error) => sightings.bug(where, error),
  })
  const runs = new Runs({
    identify: () => grip.adapters?.identify(),
    around(run, named, work) {
      const watched = () => (watcher === undefined ? work() : watcher.run(run, work))
      return journal === undefined ? watched() : journal.run(run, named, watched)
    },
    usual: options.run,
  })
  const currentRun = () => runs.current()
  const value = async <T extends string | number>(name: string, make: () => T): Promise<T> =>
    journal === undefined ? make() : journal.value(currentRun(), name, make)

  const limitStore =
    options.reliability === false && options.governance === false && !hasRates(options.security)
      ? undefined
      : openLimitStore(options.store)
  const secured = openSecurity(options, {
    limitStore,
    approver: approvals?.approver,
    bug: (error) => sightings.bug('security', error),
  })
  const governed =
    options.governance === false
      ? undefined
      : governance(
          { ...telemetryPrices(options.telemetry), ...options.governance },
          { store: limitStore, approver: approvals.approver },
        )

  const gate = openGate(options, {
    approver: approvals.approver,
    secured,
    bug: (error) => sightings.bug('tools', error),
  })

  const memory = openMemory(options.memory, {
    currentRun,
    fetch: () => ownFetch,
    bug: (error) => sightings.bug('memory', error),
  })
  const contextual = openContext(options.context, {
    bug: (error) => sightings.bug('context', error),
    cuts: memory.cuts,
  })

  // The order of DESIGN.md, outermost first: telemetry, the application's own, security, governance, journal,
  // memory, context, tools, reliability.
  const open = <C extends LlmCall | ToolCall>(where: string, interceptor: Interceptor<C>) =>
    failOpen(interceptor, (error) => sightings.bug(where, error))
  const llm: Interceptor[] = [
    ...(probe === undefined ? [] : [open('the doctor', probe.llm)]),
    ...(watcher === undefined ? [] : [open('telemetry', watcher.llm)]),
    ...(options.interceptors?.llm ?? []).map((own) => open('an own interceptor', own)),
    // Never open: what may not go out does not.
    ...(secured === undefined ? [] : [secured.llm]),
    ...(governed?.llm ?? []),
    // It goes on without its records by itself.
    ...(journal === undefined ? [] : [journal.llm]),
    // What it changes in a call is none of the journal's: gone on with, the call is made as the framework makes it.
    ...(governed?.live ?? []),
    ...(memory.llm === undefined ? [] : [open('memory', memory.llm), ...(secured?.added ?? [])]),
    ...(contextual === undefined ? [] : [open('context', contextual)]),
    // Closed by itself, unless it only observes.
    ...(gate === undefined ? [] : [gate.llm]),
    ...(options.reliability === false
      ? []
      : [
          reliability(resolveFormats(options.reliability ?? {}), {
            limitStore,
            mayAsk: secured && ((call) => secured.mayAsk(call)),
          }),
        ]),
    ...(secured?.attempt ?? []),
    ...(governed?.attempt ?? []),
  ]
  const tool: Interceptor<ToolCall>[] = [
    ...(probe === undefined ? [] : [open('the doctor', probe.tool)]),
    ...(watcher === undefined ? [] : [open('telemetry', watcher.tool)]),
    ...(options.interceptors?.tool ?? []).map((own) => open('an own interceptor', own)),
    ...(secured === undefined ? [] : [secured.tool]),
    ...(governed?.tool ?? []),
    // Never open: no intent on record, no effect.
    ...(journal === undefined ? [] : [journal.tool]),
    ...(gate === undefined ? [] : [gate.tool]),
    // Nor this: what runs is on record before it runs.
    ...(audit === undefined ? [] : [audit.tool]),
  ]

  const seenLine = toolLine({ interceptors: tool, currentRun, emit })
  const runTool = withoutEchoes((start, execute) => {
    sightings.tools.ran(start)
    return seenLine(start, execute)
  })
  const line = llmLine({
    interceptors: llm,
    claims: modelCalls(options.ignoreHosts),
    currentRun,
    emit,
    sightings,
    aws: options.aws,
    security: secured,
  })
  const lines: CallLines = {
    llm: line,
    tool: runTool,
    run: (hint, work) => runs.runHinted(hint, work),
    passing: (layer, url) => sightings.notCaught(layer, url),
  }
  const grip = hold(() => lines)
  let active = true
  const ownFetch = capturedFetch(line)

  return {
    lines,
    attached: grip.adapters?.attached,
    handle: {
      fetch: ownFetch,
      run: (runOptions, work) => runs.run(runOptions, work),
      tool: runTool,
      now: () => value('now', Date.now),
      uuid: () => value('uuid', randomUUID),
      random: () => value('random', Math.random),
      runs: journal?.runs,
      approvals: approvals.api,
      memory: memory.api,
      report,
      on(listener) {
        listeners.add(listener)
        return () => void listeners.delete(listener)
      },
    },
    async end() {
      active = false
      grip.release()
      await memory.close()
      await approvals.close()
      await journal?.close()
      await limitStore?.close()
      await audit?.close()
      probe?.end()
      endDebugReport?.()
      await watcher?.shutdown()
    },
  }
}

/** One list of prices is enough for an application. */
function telemetryPrices(
  telemetry: HoldfastOptions['telemetry'],
): Pick<GovernanceOptions, 'prices'> {
  const prices = telemetry === false ? undefined : telemetry?.prices
  return prices === undefined ? {} : { prices }
}

function runLog(choice: HoldfastOptions['runLog'] = false): Pick<TelemetryOptions, 'onRunEnd'> {
  if (choice === false) return {}
  if (choice !== 'stderr') return { onRunEnd: choice }
  return { onRunEnd: (summary) => void process.stderr.write(`${runLine(summary)}\n`) }
}
