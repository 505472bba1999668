import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { threadId } from 'node:worker_threads'
import { atExit } from '@holdfast/core'
import type { Interceptor, Run, ToolCall } from '@holdfast/core'
import { shownOptions } from '../config/shown-options.ts'
import type { HoldfastOptions } from '../options.ts'
import type { Report } from '../report.ts'
import { loadedPackages } from './proofs/loaded-packages.ts'
import type { LoadedPackage } from './proofs/loaded-packages.ts'
import { coveredPackages } from './proofs/covered-packages.ts'
import type { ProcessFacts, SeenCalls, SeenTool } from './facts.ts'

/** Watches an application for the doctor, from the outside of everything. */
export interface Probe {
  readonly llm: Interceptor
  readonly tool: Interceptor<ToolCall>
  end(): void
}

const writeAfterMs = 50
/** Which modules are loaded takes a while to find out. */
const lookAfterMs = 1_000

/** Writes what it sees into a file of this thread, soon after it sees it: the doctor ends applications without asking. */
export function probe(folder: string, options: HoldfastOptions, report: () => Report): Probe {
  const shown = shownOptions(options)
  const tools = new Map<string, SeenTool>()
  const calls = {
    calls: 0,
    withoutRun: 0,
    withoutUser: 0,
    withoutAgent: 0,
    withoutPromptVersion: 0,
  }
  let timer: NodeJS.Timeout | undefined
  let packages: readonly LoadedPackage[] = []
  let lookedAt = Number.NEGATIVE_INFINITY
  mkdirSync(folder, { recursive: true, mode: 0o700 })

  function write(): void {
    clearTimeout(timer)
    timer = undefined
    if (performance.now() - lookedAt > lookAfterMs) {
      packages = loadedPackages(coveredPackages)
      lookedAt = performance.now()
    }
    const facts: ProcessFacts = {
      pid: process.pid,
      options: shown,
      tools: [...tools.values()],
      calls: { ...calls } satisfies SeenCalls,
      hasOpenTelemetry: hasOpenTelemetry(),
      packages,
      report: report(),
    }
    const file = join(folder, `${process.pid}-${threadId}`)
    try {
      writeFileSync(file, JSON.stringify(facts), { mode: 0o600 })
      renameSync(file, `${file}.json`)
    } catch {
      // The doctor has gone; the application has not.
    }
  }
  function soon(): void {
    timer ??= setTimeout(write, writeAfterMs).unref()
  }
  function count(run: Run | undefined): void {
    calls.calls++
    if (run === undefined) calls.withoutRun++
    if (run?.user === undefined) calls.withoutUser++
    if (run?.agent === undefined) calls.withoutAgent++
    if (run?.promptVersion === undefined) calls.withoutPromptVersion++
    soon()
  }
  function saw(name: string, more: Partial<SeenTool>): void {
    const { ran = 0, isDeclared = false, ...before } = tools.get(name) ?? {}
    tools.set(name, {
      ...before,
      ...more,
      name,
      ran: ran + (more.ran ?? 0),
      isDeclared: isDeclared || more.isDeclared === true,
    })
    soon()
  }
  // What an application that waits has loaded is seen too.
  const again = setInterval(write, lookAfterMs).unref()
  const forgetExit = atExit(last)
  soon()

  function last(): void {
    lookedAt = Number.NEGATIVE_INFINITY
    write()
  }

  return {
    llm(call, next) {
      count(call.run)
      if (call.operation === 'chat') {
        for (const { name, description, parameters, provider } of call.request.tools) {
          if (provider === undefined) saw(name, { description, parameters })
        }
      }
      return next(call)
    },
    tool(call, next) {
      const { name, inDoubt, description, parameters } = call
      saw(name, {
        ran: 1,
        isDeclared: inDoubt !== undefined,
        ...(description === undefined ? {} : { description }),
        ...(parameters === undefined ? {} : { parameters }),
      })
      return next(call)
    },
    end() {
      forgetExit()
      clearInterval(again)
      last()
    },
  }
}

/** Somebody has registered a tracer provider. https://github.com/open-telemetry/opentelemetry-js, api/src/internal/global-utils.ts (2026-11-21) */
function hasOpenTelemetry(): boolean {
  const api: unknown = Reflect.get(globalThis, Symbol.for('opentelemetry.js.api.1'))
  return typeof api === 'object' && api !== null && 'trace' in api
}
