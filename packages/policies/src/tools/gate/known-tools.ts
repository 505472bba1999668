import type { ToolDefinition } from '@holdfast/core'
import { classifyTool } from '../classify/classify.ts'
import type { Classification } from '../classify/classify.ts'
import { unknownToolClass } from '../classify/tool-class.ts'
import type { ToolDeclaration } from './options.ts'

/** A tool, as far as anybody has said something about it. */
export interface KnownTool extends Classification {
  readonly name: string
  readonly description: string | undefined
  /** JSON Schema or Standard Schema of its arguments. */
  readonly parameters: unknown
  readonly declaration: ToolDeclaration | undefined
  /** It is called with a text, whatever that looks like. */
  readonly takesText: boolean
}

/** What somebody says of a tool: a request that offers it, or the framework that runs it. */
export type ToolWords = Pick<ToolDefinition, 'description' | 'parameters' | 'provider'>

const mostKept = 500

/** What is known of tools: declared by the application, offered in requests, told by frameworks; in this order. */
export class KnownTools {
  readonly #declared: Readonly<Record<string, ToolDeclaration>>
  /** By all that was said of them: the same words give the same object, so that a schema is compiled once. */
  readonly #byWords = new Map<string, KnownTool>()
  readonly #offered = new Map<string, KnownTool>()
  /** What the requests of a session said of their tools, by its name. */
  readonly #sessions = new Map<string, Map<string, ToolWords>>()
  readonly #run = new Map<string, KnownTool>()

  constructor(declared: Readonly<Record<string, ToolDeclaration>>) {
    this.#declared = declared
  }

  /** Keeps what a request of a session says of its tools: a later one may not list them. */
  listed(session: string, tools: readonly ToolDefinition[]): void {
    const before = this.#sessions.get(session) ?? new Map<string, ToolWords>()
    keep(this.#sessions, session, before)
    for (const tool of tools) keep(before, tool.name, tool)
  }

  /**
   * A tool that a model calls. Where neither the request nor the application nor whoever runs it says something of it,
   * it may be anything: its name is the model's own word.
   */
  proposed(name: string, words: ToolWords | undefined, session: string | undefined): KnownTool {
    if (words !== undefined) return this.offered(name, words)
    const before = session === undefined ? undefined : this.#sessions.get(session)?.get(name)
    if (before !== undefined) return this.#known(name, before)
    const named = this.#known(name, {})
    if (named.declaration !== undefined) return named
    return this.#run.get(name) ?? { ...named, toolClass: unknownToolClass, from: 'unknown' }
  }

  /** A tool that was called, and what the request says of it. */
  offered(name: string, words: ToolWords | undefined): KnownTool {
    if (words === undefined) return this.#offered.get(name) ?? this.#known(name, {})
    const known = this.#known(name, words)
    keep(this.#offered, name, known)
    return known
  }

  /** A tool that is about to be run, and what the framework says of it; without a schema, what it is given speaks for it. */
  run(name: string, words: ToolWords, args: unknown): KnownTool {
    const given = words.parameters === undefined ? namesIn(args) : []
    // Another agent may offer another tool of that name: who runs it knows best.
    const isDescribed = words.description !== undefined && words.parameters !== undefined
    const offered = isDescribed ? undefined : this.#offered.get(name)
    const known = offered ?? this.#known(name, words, given)
    if (this.#run.size < mostKept || this.#run.has(name)) this.#run.set(name, known)
    return known
  }

  /** True for tools whose function has come through the gate in this process. */
  isRunHere(name: string): boolean {
    return this.#run.has(name)
  }

  #known(name: string, words: ToolWords, given: readonly string[] = []): KnownTool {
    const { description, parameters, provider } = words
    const said = JSON.stringify([name, description, parameters, provider, given])
    const before = this.#byWords.get(said)
    if (before !== undefined) return before
    const declaration = Object.hasOwn(this.#declared, name) ? this.#declared[name] : undefined
    const looks =
      given.length === 0 ? parameters : Object.fromEntries(given.map((one) => [one, {}]))
    const known: KnownTool = {
      name,
      description,
      parameters: declaration?.parameters ?? parameters,
      declaration,
      takesText: isCustom(provider),
      ...classifyTool({ name, description, parameters: looks, toolClass: declaration?.class }),
    }
    keep(this.#byWords, said, known)
    return known
  }
}

/** OpenAI's tools of a free text; all others that providers define are called with JSON. */
function isCustom(provider: unknown): boolean {
  return (provider as { readonly type?: unknown } | null | undefined)?.type === 'custom'
}

function namesIn(args: unknown): readonly string[] {
  return typeof args === 'object' && args !== null ? Object.keys(args).toSorted() : []
}

/** Keeps the newest. */
function keep<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key)
  map.set(key, value)
  if (map.size > mostKept) {
    const [oldest] = map.keys()
    if (oldest !== undefined) map.delete(oldest)
  }
}
