import type { Interceptor, ToolCall } from '@holdfast/core'
import { Gate } from './gate.ts'
import type { ToolGateDeps, ToolGateOptions, ToolGatePreset } from './options.ts'
import type { GateRow } from './report.ts'
import { wireGate } from './wire/wire-gate.ts'

/** The two gates for tools, which decide as one. */
export interface ToolGate {
  /** On the wire: inside of the journal, outside of reliability. */
  readonly llm: Interceptor
  /** Around the function: inside of the journal, outermost of what concerns tools alone. */
  readonly tool: Interceptor<ToolCall>
  /** What was decided so far, or would have been. */
  report(): readonly GateRow[]
}

/**
 * Decides about every tool call, when a model proposes it and when its function is about to run: by rules, by what
 * happened in the run, by what the arguments hold, and by the class of the tool.
 */
export function toolGate(
  options: ToolGatePreset | ToolGateOptions = {},
  deps: ToolGateDeps = {},
): ToolGate {
  const gate = new Gate(typeof options === 'string' ? { preset: options } : options, deps)
  return {
    llm: wireGate(gate),
    async tool(call, next) {
      let { decider } = gate
      try {
        decider ??= await gate.load()
      } catch (error) {
        if (gate.enforces) throw error
        deps.bug?.(error)
        return next(call)
      }
      return decider.tool(call, next)
    },
    report: () => gate.report(),
  }
}
