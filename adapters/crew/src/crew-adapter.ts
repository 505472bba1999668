import { AsyncLocalStorage } from 'node:async_hooks'
import type { Adapter, AdapterHost } from 'holdfast'

type Method = (this: object, ...args: unknown[]) => unknown

/** A role-based runtime: a team starts, its agents work on tasks and use tools. */
export interface CrewRuntime<Team extends object = object, Worker extends object = object> {
  /** As it appears in `report()` and on tool calls. */
  readonly name: string
  /** The module as an application imports it. */
  readonly specifier: string
  /** Matches the URL of the file that defines the team, in all its copies. */
  readonly file: RegExp
  /** The name of the exported team class. */
  readonly team: string
  /** The team's methods that start it and return a promise of its result. */
  readonly start: readonly string[]
  teamName?(team: Team): string | undefined
  /** The objects whose methods do the work; asked when the team starts. */
  agents(team: Team): readonly Worker[]
  /** The methods by which an agent works on a task. */
  readonly work: readonly string[]
  /** @default the agent's `name` */
  agentName?(agent: Worker): string | undefined
  /** The agent's method that runs a tool. */
  readonly useTool: string
  /** The tool in that method's arguments, and the arguments with another object in its place; undefined where none is used. */
  toolUse(args: readonly unknown[]): ToolUse | undefined
  /** The tool's method that does it. @default 'invoke' */
  readonly invoke?: string
  /** Agents whose classes are not exported, so that teams under way are covered too. */
  sampleAgents?(exports: Readonly<Record<string, unknown>>): readonly object[]
}

/** A tool about to be used. */
export interface ToolUse {
  readonly tool: { readonly name: string; readonly description?: unknown }
  readonly arguments: unknown
  readonly toolCallId?: string
  withTool(tool: object): unknown[]
}

/** Makes an adapter for a role-based runtime: `instrument({ adapters: { own: [crewAdapter({ … })] } })`. */
export function crewAdapter<Team extends object, Worker extends object>(
  runtime: CrewRuntime<Team, Worker>,
): Adapter {
  return {
    name: runtime.name,
    targets: [
      {
        specifier: runtime.specifier,
        file: runtime.file,
        attach(exports, host) {
          const crew = new Crew(runtime, host)
          crew.patchTeam(host.prototypeOf(exports, runtime.team))
          for (const agent of runtime.sampleAgents?.(exports) ?? []) {
            crew.patchAgent(agent)
            if (host.ownerOf(agent, runtime.useTool) === undefined) {
              throw new TypeError(
                `an agent of ${runtime.name} has no method ${runtime.useTool}; this version is not known to Holdfast`,
              )
            }
          }
        },
      },
    ],
  }
}

class Crew {
  readonly #runtime: CrewRuntime
  readonly #host: AdapterHost
  /** The context in which an agent's team was started: tasks are queued, and would start in each other's. */
  readonly #teams = new WeakMap<object, <T>(work: () => T) => T>()

  constructor(runtime: CrewRuntime, host: AdapterHost) {
    this.#runtime = runtime
    this.#host = host
  }

  patchTeam(prototype: object): void {
    const startTeam = (team: object, begin: () => unknown): unknown => this.#start(team, begin)
    for (const method of this.#runtime.start) {
      this.#host.patch<Method>(
        prototype,
        method,
        (original) =>
          function start(...args) {
            return startTeam(this, () => original.apply(this, args))
          },
      )
    }
  }

  /** Takes hold of the methods that the agent has; not every kind of agent uses tools by itself. */
  patchAgent(agent: object): void {
    const { work, useTool } = this.#runtime
    const doWork = (worker: object, begin: () => unknown): unknown => this.#work(worker, begin)
    const use = (args: unknown[]): unknown[] => this.#throughHost(args)
    for (const method of work) {
      const owner = this.#host.ownerOf(agent, method)
      if (owner === undefined) continue
      this.#host.patch<Method>(
        owner,
        method,
        (original) =>
          function workOnTask(...args) {
            return doWork(this, () => original.apply(this, args))
          },
      )
    }
    const owner = this.#host.ownerOf(agent, useTool)
    if (owner !== undefined) {
      this.#host.patch<Method>(
        owner,
        useTool,
        (original) =>
          function executeTool(...args) {
            return original.apply(this, use(args))
          },
      )
    }
  }

  #start(team: object, begin: () => unknown): unknown {
    const agent = this.#runtime.teamName?.(team)
    return this.#host.run({ agent }, () => {
      const inside = AsyncLocalStorage.snapshot()
      for (const worker of this.#runtime.agents(team)) {
        this.patchAgent(worker)
        this.#teams.set(worker, inside)
      }
      return begin()
    })
  }

  #work(worker: object, begin: () => unknown): unknown {
    const agent = this.#runtime.agentName?.(worker) ?? (worker as { name?: unknown }).name
    const inside = this.#teams.get(worker)
    const run = (): unknown => this.#host.run({ agent }, begin)
    return inside === undefined ? run() : inside(run)
  }

  /** The arguments with a tool that runs through the host. */
  #throughHost(args: unknown[]): unknown[] {
    const use = this.#runtime.toolUse(args)
    if (use === undefined) return args
    const { name: framework, invoke = 'invoke' } = this.#runtime
    const { tool } = use
    const description = typeof tool.description === 'string' ? tool.description : undefined
    const real: unknown = Reflect.get(tool, invoke)
    if (typeof real !== 'function') return args
    const execute = (...given: unknown[]): Promise<unknown> =>
      this.#host.tool(
        {
          name: tool.name,
          description,
          arguments: use.arguments,
          toolCallId: use.toolCallId,
          framework,
        },
        (changed) => {
          const now = changed === undefined ? given : [changed.arguments, ...given.slice(1)]
          return Reflect.apply(real, tool, now) as unknown
        },
      )
    return use.withTool(
      new Proxy(tool, {
        get: (target, property) =>
          property === invoke ? execute : (Reflect.get(target, property, target) as unknown),
      }),
    )
  }
}
