import type { LlmCall, Message } from '@holdfast/core'
import type { ToolStart } from './adapters/adapter.ts'
import { isSameTool } from './without-echoes.ts'

/** A tool that models call and are answered of, while nobody sees it run: no policy holds for its execution. */
export interface UnseenTool {
  readonly tool: string
  /** How often models have called it. */
  readonly calls: number
  /** Why that may be, and the line to add. */
  readonly why: string
}

const why =
  'models are answered with its results, and it is not seen running: wrap it with wrapTools(tools) or tool(); where its framework is part of a bundle, leaving that out of it ("external") does the same'

const mostTools = 200
/** Some are never answered: a model that is to answer in a form calls a tool that nobody runs. */
const mostLooks = 50
/** What a model has proposed is told a moment late the first time, while the tool gate is being loaded. */
const firstRequests = 10

/**
 * Finds the tools that run where nobody sees it, whatever framework runs them: proposed by a model, answered in a later
 * request, and never on the tool line meanwhile. Where every tool is on the line, it costs a look into a set.
 */
export class UnseenTools {
  /** Tools that were seen running, by the names that models give them. */
  readonly #seen = new Set<string>()
  /** Tools of MCP servers, whose names frameworks put the server's before. */
  readonly #ofServers = new Set<string>()
  /** Proposed, neither seen running nor answered: how often they may still be looked for. */
  readonly #open = new Map<string, number>()
  readonly #calls = new Map<string, number>()
  readonly #unseen = new Set<string>()
  /** Answered in the first requests. */
  readonly #early = new Set<string | undefined>()
  #requests = 0

  /** A model calls a tool. */
  proposed(name: string): void {
    if (this.#seen.has(name) || isHandOff(name)) return
    if (this.#isOfServer(name)) {
      this.#seen.add(name)
      return
    }
    const calls = this.#calls.get(name)
    if (calls === undefined) {
      if (this.#calls.size === mostTools) return
      if (this.#early.has(name) || this.#early.has(undefined)) this.#unseen.add(name)
      else this.#open.set(name, mostLooks)
    }
    this.#calls.set(name, (calls ?? 0) + 1)
  }

  /** A tool is on the tool line. */
  ran({ name, framework }: Pick<ToolStart, 'name' | 'framework'>): void {
    if (this.#seen.has(name)) return
    if (this.#seen.size < mostTools) this.#seen.add(name)
    this.#forget(name)
    if (framework !== 'mcp' || this.#ofServers.size === mostTools) return
    this.#ofServers.add(name)
    for (const other of this.#calls.keys()) {
      if (isSameTool(other, { name, framework })) this.#forget(other)
    }
  }

  /** A model is asked. True where it is told the results of tools that nobody has seen running. */
  asked(call: Pick<LlmCall, 'operation' | 'request'>): boolean {
    const isEarly = this.#requests < firstRequests
    if ((!isEarly && this.#open.size === 0) || call.operation !== 'chat') return false
    const answered = answeredTools(call.request.messages)
    if (isEarly) {
      this.#requests++
      for (const name of answered) this.#early.add(name)
    }
    let isNew = false
    for (const [name, looks] of this.#open) {
      if (answered.has(name) || answered.has(undefined)) {
        this.#unseen.add(name)
        this.#open.delete(name)
        isNew = true
      } else if (looks === 1) this.#open.delete(name)
      else this.#open.set(name, looks - 1)
    }
    return isNew
  }

  report(): readonly UnseenTool[] {
    return [...this.#unseen].map((tool) => ({ tool, calls: this.#calls.get(tool) ?? 0, why }))
  }

  #isOfServer(name: string): boolean {
    for (const inner of this.#ofServers) {
      if (isSameTool(name, { name: inner, framework: 'mcp' })) return true
    }
    return false
  }

  #forget(name: string): void {
    this.#open.delete(name)
    this.#unseen.delete(name)
  }
}

/** Handing the work over to another agent runs no function, in frameworks that write it as a tool call. */
function isHandOff(name: string): boolean {
  return name.startsWith('transfer_to_')
}

/** The tools whose results stand at the end of a conversation; undefined among them for one that is not named. */
function answeredTools(messages: readonly Message[]): ReadonlySet<string | undefined> {
  const names = new Set<string | undefined>()
  const ids = new Set<string>()
  let at = messages.length - 1
  for (; at >= 0; at--) {
    const results = messages[at]?.parts.filter((part) => part.type === 'tool-result') ?? []
    if (results.length === 0) break
    for (const { id, name } of results) {
      if (name === undefined) ids.add(id)
      else names.add(name)
    }
  }
  // The calls themselves stand right before, unless the provider keeps the conversation.
  for (; at >= 0 && ids.size > 0; at--) {
    const message = messages[at]
    if (message?.role !== 'assistant') break
    for (const part of message.parts) {
      if (part.type === 'tool-call' && ids.delete(part.id)) names.add(part.name)
    }
  }
  if (ids.size > 0) names.add(undefined)
  return names
}
