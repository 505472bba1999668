import type { Interceptor, LlmCall, ToolCall } from '@holdfast/core'
import { functionGate } from './function/function-gate.ts'
import type { Gate } from './gate.ts'
import { KnownTools } from './known-tools.ts'
import { Vetting } from './wire/vetting.ts'

/** All that decisions need: parsers, validators and what is known of tools. */
export class Decider {
  readonly tools: KnownTools
  /** Around functions. */
  readonly tool: Interceptor<ToolCall>
  readonly #gate: Gate

  constructor(gate: Gate) {
    this.tools = new KnownTools(gate.options.declare ?? {})
    this.#gate = gate
    this.tool = functionGate(gate, this.tools)
  }

  /** Decides about what the reply to a call proposes. */
  vetting(call: LlmCall, signal: AbortSignal): Vetting {
    return new Vetting(this.#gate, this.tools, call, signal)
  }
}
