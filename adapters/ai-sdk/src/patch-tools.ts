import type { AdapterHost } from 'holdfast'
import { heldTool, isLoose } from './held-tool.ts'

interface Given {
  readonly toolCall: { readonly toolName: string }
  readonly tools?: Readonly<Record<string, unknown>>
}

type ExecuteToolCall = (this: unknown, given: Given, ...rest: unknown[]) => unknown

/**
 * Every tool runs through `executeToolCall`, in generations and in streams. It is given a copy of the tool for the one
 * call, so the application's own stays as it is, frozen ones included, and whatever it says of telemetry.
 */
export function patchTools(functions: object, host: AdapterHost): void {
  host.patch<ExecuteToolCall>(
    functions,
    'executeToolCall',
    (original) =>
      function executeToolCall(given, ...rest) {
        const { toolName } = given.toolCall
        const tool =
          given.tools !== undefined && Object.hasOwn(given.tools, toolName)
            ? given.tools[toolName]
            : undefined
        if (!isLoose(tool)) return original.call(this, given, ...rest)
        const held = heldTool(toolName, tool, (start, execute) => host.tool(start, execute))
        return original.call(
          this,
          { ...given, tools: { ...given.tools, [toolName]: held } },
          ...rest,
        )
      },
  )
}
