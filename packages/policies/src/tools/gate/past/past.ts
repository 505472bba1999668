import { hash } from 'node:crypto'
import type { Message, Part } from '@holdfast/core'
import type { ToolClass } from '../../classify/tool-class.ts'

/** Something that a tool of the run has answered. */
export interface PastResult {
  readonly tool: string
  readonly toolClass: ToolClass
  readonly text: string
}

const mostTools = 1000
const mostSeen = 5000
const mostResultChars = 1_000_000
const mostCharsOfOne = 200_000

/** What the tools of one run have done so far, within bounds. */
export class Past {
  readonly #called = new Map<string, ToolClass>()
  readonly #seen = new Set<string>()
  readonly #failures = new Map<string, string[]>()
  #results: PastResult[] = []
  #resultChars = 0
  /** Something was too much to keep: what is known is not all. */
  lost = false

  get called(): ReadonlyMap<string, ToolClass> {
    return this.#called
  }

  get results(): readonly PastResult[] {
    return this.#results
  }

  addCall(tool: string, toolClass: ToolClass): void {
    if (this.#called.size < mostTools) this.#called.set(tool, toolClass)
    else if (!this.#called.has(tool)) this.lost = true
  }

  /** Keeps what a tool answered. The same answer may be told again, with every request. */
  addResult(result: PastResult): void {
    const key = hash('sha1', `${result.tool}\n${result.text}`, 'base64')
    if (this.#seen.has(key)) return
    if (this.#seen.size >= mostSeen || result.text.length > mostCharsOfOne) this.lost = true
    if (this.#seen.size >= mostSeen) return
    this.#seen.add(key)
    const text = result.text.slice(0, mostCharsOfOne)
    this.#resultChars += text.length
    this.#results.push({ ...result, text })
    while (this.#resultChars > mostResultChars) {
      this.#resultChars -= this.#results[0]?.text.length ?? 0
      this.#results = this.#results.slice(1)
      this.lost = true
    }
  }

  /** A call has failed; its errors are kept until it succeeds. */
  addFailure(call: string, message: string): void {
    const before = this.#failures.get(call) ?? []
    if (before.length === 0 && this.#failures.size >= mostTools) this.#failures.clear()
    this.#failures.set(call, [...before.slice(-1), shortened(message)])
  }

  succeeded(call: string): void {
    this.#failures.delete(call)
  }

  failuresOf(call: string): readonly string[] {
    return this.#failures.get(call) ?? []
  }
}

/** A tool call of a conversation, and its result where it has one. */
export interface ToldCall {
  readonly tool: string
  readonly arguments: string
  readonly result?: string
  readonly isError?: boolean
}

interface OpenCall {
  tool: string
  arguments: string
  result?: string
  isError?: boolean
}

/** The tool calls that a conversation tells of, in order. */
export function callsIn(messages: readonly Message[]): ToldCall[] {
  const calls: OpenCall[] = []
  /** Those that wait for their result, the longest first. */
  const waiting = new Map<string, OpenCall[]>()
  for (const { parts } of messages) {
    for (const part of parts) {
      if (part.type === 'tool-call') {
        const call = { tool: part.name, arguments: part.arguments }
        calls.push(call)
        const key = part.id || part.name
        const equals = waiting.get(key)
        if (equals === undefined) waiting.set(key, [call])
        else equals.push(call)
      } else if (part.type === 'tool-result') {
        // Who gives no ids answers in order, by name.
        const call = waiting.get(part.id || (part.name ?? ''))?.shift()
        const told = { result: textOf(part.parts), isError: part.isError === true }
        if (call !== undefined) Object.assign(call, told)
        else if (part.name !== undefined) {
          calls.push({ tool: part.name, arguments: '', ...told })
        }
      } else if (part.type === 'other') tellOther(part.value, calls)
    }
  }
  return calls
}

/** Tools of the provider's own kind stand in the conversation as it has them: `local_shell_call`, `web_fetch_tool_result`. */
function tellOther(value: unknown, calls: OpenCall[]): void {
  if (typeof value !== 'object' || value === null || !('type' in value)) return
  const [, tool = '', what = ''] =
    /^(\w+?)_(call|call_output|tool_result)$/.exec(String(value.type)) ?? []
  if (tool === '') return
  const text = JSON.stringify(value)
  const call = { tool, arguments: what === 'call' ? text : '' }
  calls.push(what === 'call' ? call : { ...call, result: text })
}

function textOf(parts: readonly Part[]): string {
  return parts
    .map((part) =>
      part.type === 'text' ? part.text : part.type === 'other' ? JSON.stringify(part.value) : '',
    )
    .join('\n')
}

/** The first line of an error, as much as a model needs of it. */
export function shortened(message: string): string {
  const line = message.trim().split('\n', 1)[0] ?? ''
  return line.length > 300 ? `${line.slice(0, 300)} …` : line
}
