import { AsyncLocalStorage } from 'node:async_hooks'
import type { AdapterHost } from 'holdfast'
import { asksForAnswer, Pause, toolResults } from './tool-results.ts'
import type { ToolContext } from './tool-results.ts'

interface Tool {
  readonly name: string
  readonly description?: unknown
}

interface ToolRequest {
  readonly args: unknown
  readonly toolContext?: ToolContext | undefined
}

type BeforeTool = (this: object, asked: { readonly tool: Tool }) => Promise<unknown>
type RunTool = (this: Tool, request: ToolRequest) => Promise<unknown>

/**
 * Each class of tools brings its own `runAsync`. Plugins are told of a call before it is run, which is when the class
 * of its tool is taken hold of.
 */
export function patchTools(exports: Readonly<Record<string, unknown>>, host: AdapterHost): void {
  /** The call under way: a class that calls its parent's `runAsync` is still at the same one. */
  const running = new AsyncLocalStorage<{ tool: Tool; toolContext: ToolContext | undefined }>()

  function holdClassOf(tool: Tool): void {
    const owner = host.ownerOf(tool, 'runAsync')
    if (owner === undefined || !isOpen(owner)) return
    host.patch<RunTool>(
      owner,
      'runAsync',
      (original) =>
        function runAsync(request) {
          const { toolContext } = request
          const outer = running.getStore()
          if (outer?.tool === this && outer.toolContext === toolContext) {
            return original.call(this, request)
          }
          return running.run({ tool: this, toolContext }, () =>
            throughHost(this, request, host, (changed) => original.call(this, changed)),
          )
        },
    )
  }

  host.patch<BeforeTool>(
    host.prototypeOf(exports, 'PluginManager'),
    'runBeforeToolCallback',
    (original) =>
      function runBeforeToolCallback(asked) {
        holdClassOf(asked.tool)
        return original.call(this, asked)
      },
  )
}

async function throughHost(
  tool: Tool,
  request: ToolRequest,
  host: AdapterHost,
  run: (request: ToolRequest) => Promise<unknown>,
): Promise<unknown> {
  const { args, toolContext } = request
  const { name, description } = tool
  try {
    return await host.tool(
      {
        name,
        arguments: args,
        toolCallId: toolContext?.functionCallId,
        framework: 'google-adk',
        description: typeof description === 'string' ? description : undefined,
        results: toolResults(toolContext),
      },
      async (changed) => {
        const result = await run(
          changed === undefined ? request : { ...request, args: changed.arguments },
        )
        if (asksForAnswer(toolContext)) throw new Pause(result)
        return result
      },
    )
  } catch (error) {
    if (error instanceof Pause) return error.result
    throw error
  }
}

function isOpen(owner: object): boolean {
  return Object.getOwnPropertyDescriptor(owner, 'runAsync')?.configurable === true
}
