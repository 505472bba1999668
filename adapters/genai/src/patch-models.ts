import type { AdapterHost } from 'holdfast'
import { hold, switchOn } from './callable-tool.ts'
import type { CallableTool, Declaration } from './callable-tool.ts'

/** What a model is asked; its tools are callable ones or, once they have been asked what they can do, declarations. */
interface Asked {
  readonly config?: { readonly tools?: readonly unknown[] | undefined } | undefined
}

type Prepare = (this: object, asked: Asked) => Promise<Asked>
type Stream = (this: object, asked: Asked) => Promise<AsyncGenerator<unknown, unknown>>

/**
 * `generateContent` and its like belong to each client, so clients made earlier keep theirs. All of them ask the class
 * to prepare what is sent, which is when each tool says what it can do, and is taken hold of.
 */
export function patchModels(exports: Readonly<Record<string, unknown>>, host: AdapterHost): void {
  const prototype = host.prototypeOf(exports, 'Models')
  host.patch<Prepare>(
    prototype,
    'processParamsMaybeAddMcpUsage',
    (original) =>
      async function processParams(asked) {
        const prepared = await original.call(this, asked)
        for (const [index, tool] of (asked.config?.tools ?? []).entries()) {
          if (isCallable(tool)) hold(tool, declarationsOf(prepared.config?.tools?.[index]))
        }
        return prepared
      },
  )
  host.patch<Stream>(
    prototype,
    'processAfcStream',
    (original) =>
      async function processAfcStream(asked) {
        return host.runSteps(undefined, await original.call(this, asked))
      },
  )
  switchOn(host)
}

function isCallable(tool: unknown): tool is CallableTool {
  return typeof tool === 'object' && tool !== null && 'callTool' in tool
}

function declarationsOf(tool: unknown): readonly Declaration[] {
  const { functionDeclarations } = (tool ?? {}) as { functionDeclarations?: readonly Declaration[] }
  return functionDeclarations ?? []
}
