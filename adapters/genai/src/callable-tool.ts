import { AsyncLocalStorage } from 'node:async_hooks'
import type { AdapterHost } from 'holdfast'

/** What the model asks for. */
export interface FunctionCall {
  readonly id?: string
  readonly name?: string
  readonly args?: unknown
}

/** What the model is told of a function. */
export interface Declaration {
  readonly name?: string
  readonly description?: string
  readonly parametersJsonSchema?: unknown
}

type CallTool = (this: object, calls: readonly FunctionCall[]) => Promise<readonly object[]>

/** A tool that the SDK calls by itself: it runs every call that it knows, and answers with parts of a message. */
export interface CallableTool {
  callTool: CallTool
}

type Run = (
  tool: CallableTool,
  callTool: CallTool,
  calls: readonly FunctionCall[],
) => Promise<readonly object[]>

/** How tools run that have been taken hold of. The host switches it: while Holdfast is off, they run alone. */
const line: { run: Run } = {
  run: (tool, callTool, calls) => callTool.call(tool, calls),
}

/** What each tool says it can do. */
const declared = new WeakMap<object, readonly Declaration[]>()
const standIns = new WeakSet<CallTool>()

/** The call under way: a tool that hands it on to another one is still at the same. */
const running = new AsyncLocalStorage<FunctionCall>()

/** Takes tools that have been taken hold of through the host. */
export function switchOn(host: AdapterHost): void {
  host.patch<Run>(line, 'run', (alone) => async (tool, callTool, calls) => {
    const parts: object[] = []
    // One after the other, as they stand: each call is decided about by itself.
    for (const call of calls) {
      const run = (given: FunctionCall): Promise<readonly object[]> =>
        running.run(given, () => alone(tool, callTool, [given]))
      // Each tool is handed all calls, those of other tools too.
      const declaration = declared.get(tool)?.find(({ name }) => name === call.name)
      const isKnown = declaration === undefined || running.getStore() === call
      parts.push(...(isKnown ? await run(call) : await throughHost(call, declaration, host, run)))
    }
    return parts
  })
}

/** Takes hold of a tool: from now on it runs through the host, whoever calls it. One that is frozen is left as it is. */
export function hold(tool: CallableTool, declarations: readonly Declaration[]): void {
  declared.set(tool, declarations)
  const original = tool.callTool
  const own = Object.getOwnPropertyDescriptor(tool, 'callTool')
  if (own === undefined ? !Object.isExtensible(tool) : own.configurable !== true) return
  if (typeof original !== 'function' || standIns.has(original)) return
  const standIn: CallTool = async function callTool(calls) {
    return line.run(tool, original, calls)
  }
  standIns.add(standIn)
  Object.defineProperty(tool, 'callTool', {
    value: standIn,
    writable: true,
    configurable: true,
    enumerable: own?.enumerable ?? false,
  })
}

async function throughHost(
  call: FunctionCall,
  { description, parametersJsonSchema }: Declaration,
  host: AdapterHost,
  run: (call: FunctionCall) => Promise<readonly object[]>,
): Promise<readonly object[]> {
  const answer = await host.tool(
    {
      name: call.name ?? '',
      arguments: call.args ?? {},
      toolCallId: call.id,
      framework: 'genai',
      description,
      parameters: parametersJsonSchema,
    },
    (changed) => run(changed === undefined ? call : { ...call, args: changed.arguments }),
  )
  return isParts(answer) ? answer : [responsePart(call, answer)]
}

/** Whoever answers instead of the tool may do it with any value. */
function responsePart({ id, name }: FunctionCall, answer: unknown): object {
  const response =
    typeof answer === 'object' && answer !== null && !Array.isArray(answer)
      ? answer
      : { output: answer }
  return { functionResponse: { ...(id === undefined ? {} : { id }), name, response } }
}

function isParts(answer: unknown): answer is readonly object[] {
  return Array.isArray(answer) && answer.every((part) => typeof part === 'object' && part !== null)
}
