import { randomUUID } from 'node:crypto'
import { compose } from '@holdfast/core'
import type { CallEvent, Interceptor, Run, ToolCall } from '@holdfast/core'
import type { ChangedArguments, ToolStart } from './adapters/adapter.ts'

export interface ToolLineOptions {
  /** The first is the outermost. */
  readonly interceptors: readonly Interceptor<ToolCall>[]
  readonly currentRun: () => Run | undefined
  readonly emit: (event: CallEvent) => void
}

/** Runs a tool through the interceptors: the same line as an LLM call, with the function as its inmost step. */
export type ToolLine = (
  start: ToolStart,
  execute: (changed?: ChangedArguments) => unknown,
) => Promise<unknown>

/** The line of a tool call. What the tool returns or throws comes back as the same value or error. */
export function toolLine({ interceptors, currentRun, emit }: ToolLineOptions): ToolLine {
  return async function runTool(start, execute) {
    const call: ToolCall = Object.freeze({
      kind: 'tool',
      id: randomUUID(),
      name: start.name,
      arguments: start.arguments,
      toolCallId: start.toolCallId,
      framework: start.framework,
      inDoubt: start.inDoubt,
      results: start.results,
      description: start.description,
      parameters: start.parameters,
      run: currentRun(),
      emit,
    })
    const line = compose(interceptors, async (inner) => {
      await inner.beforeEffect?.()
      const changed =
        inner.arguments === call.arguments ? undefined : { arguments: inner.arguments }
      return { value: await execute(changed) }
    })
    const { value } = await line(call)
    return value
  }
}
