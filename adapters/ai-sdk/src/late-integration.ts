import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'
import type { AdapterHost, RunHint } from 'holdfast'
import { heldExecute, heldTool, isLoose } from './held-tool.ts'
import type { RunTool } from './held-tool.ts'
import { hintFrom } from './hint-from.ts'

/** What the SDK says of a generation that starts. */
interface StartEvent {
  readonly tools?: Record<string, unknown>
  readonly functionId?: unknown
  readonly metadata?: Readonly<Record<string, unknown>>
  readonly runtimeContext?: Readonly<Record<string, unknown>>
}

/** One for all copies of Holdfast, and still there when it is taken off: then it does nothing. */
interface Integration {
  onStart(event: StartEvent): void
  runTool: RunTool
}

const slot = Symbol.for('holdfast.ai-sdk')

const started = new AsyncLocalStorage<RunHint>()

/**
 * For a copy of the SDK whose functions cannot be reached, since it was loaded before Holdfast or is part of a bundle:
 * it tells global telemetry integrations of every generation that starts, with the tools, unless the application has
 * turned telemetry off.
 */
export function listenForStarts(host: AdapterHost): void {
  const global = globalThis as {
    AI_SDK_TELEMETRY_INTEGRATIONS?: unknown[]
    [slot]?: Integration
  }
  const integration = (global[slot] ??= {
    onStart() {},
    runTool: (_start, execute) => execute(),
  })
  // The first is told in the SDK's own stack, where its context can still be set.
  const integrations = (global.AI_SDK_TELEMETRY_INTEGRATIONS ??= [])
  if (!integrations.includes(integration)) integrations.unshift(integration)

  host.patch<RunTool>(integration, 'runTool', () => (start, execute) => host.tool(start, execute))
  host.patch<Integration['onStart']>(
    integration,
    'onStart',
    () =>
      function onStart({ tools = {}, functionId, metadata, runtimeContext }) {
        // Told after the SDK's first await, this holds until its function returns and for all it calls, and no longer.
        started.enterWith({
          key: `ai-sdk ${randomUUID()}`,
          ...hintFrom({ telemetry: { functionId, metadata }, runtimeContext }),
        })
        for (const [name, tool] of Object.entries(tools)) hold(tools, name, tool, integration)
      },
  )
}

/**
 * Looks whether a copy tells of its starts.
 * @throws when its version is older than that.
 */
export function mustTellOfStarts(exports: Readonly<Record<string, unknown>>): void {
  if ('registerTelemetry' in exports || 'registerTelemetryIntegration' in exports) return
  throw new TypeError(
    'it was loaded before Holdfast, and this version tells nobody of its tools; start with node --import holdfast/auto',
  )
}

/** The generation that the code running now belongs to. */
export function identify(): RunHint | undefined {
  return started.getStore()
}

function hold(
  tools: Record<string, unknown>,
  name: string,
  tool: unknown,
  integration: Integration,
): void {
  if (!isLoose(tool)) return
  const runTool: RunTool = (start, execute) => integration.runTool(start, execute)
  if (!Reflect.set(tool, 'execute', heldExecute(name, tool, runTool))) {
    Reflect.set(tools, name, heldTool(name, tool, runTool))
  }
}
