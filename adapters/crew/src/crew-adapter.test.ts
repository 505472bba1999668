import { AsyncLocalStorage } from 'node:async_hooks'
import type { AdapterHost, RunHint, ToolStart } from 'holdfast'
import { expect, test } from 'vitest'
import { crewAdapter } from './crew-adapter.ts'

interface Tool {
  readonly name: string
  invoke(given: unknown): Promise<unknown>
}

/** A runtime as small as one can be: workers take their jobs from a queue, and use one tool each. */
function smallRuntime() {
  class Worker {
    readonly name: string
    readonly #tool: Tool
    constructor(name: string, tool: Tool) {
      this.name = name
      this.#tool = tool
    }
    async work(job: string): Promise<unknown> {
      await Promise.resolve()
      return this.use(this.#tool, { job })
    }
    async use(tool: Tool, given: unknown): Promise<unknown> {
      return tool.invoke(given)
    }
  }
  class Squad {
    readonly title: string
    readonly workers: readonly Worker[]
    constructor(title: string, ...workers: Worker[]) {
      this.title = title
      this.workers = workers
    }
    async begin(job: string): Promise<unknown[]> {
      const done: unknown[] = []
      for (const worker of this.workers) done.push(await worker.work(job))
      return done
    }
  }
  return { Squad, Worker }
}

/** A host that writes down which tools start, and in which runs. */
function watchingHost(): { host: AdapterHost; started: (ToolStart & { runs: RunHint[] })[] } {
  const runs = new AsyncLocalStorage<RunHint[]>()
  const started: (ToolStart & { runs: RunHint[] })[] = []
  return {
    started,
    host: {
      reliability: true,
      ownerOf: (object, method) =>
        method in object ? (Object.getPrototypeOf(object) as object) : undefined,
      prototypeOf: (exports, name) => (exports[name] as { prototype: object }).prototype,
      patch(owner, method, wrap) {
        const original = Reflect.get(owner, method) as Parameters<typeof wrap>[0]
        if (!patched.has(original)) {
          const wrapped = wrap(original)
          patched.add(wrapped)
          Reflect.set(owner, method, wrapped)
        }
      },
      async tool(start, execute) {
        started.push({ ...start, runs: runs.getStore() ?? [] })
        return execute()
      },
      run: (hint, work) => runs.run([...(runs.getStore() ?? []), hint], work),
      runUntil: (_hint, work) => work(),
      runSteps: (_hint, steps) => steps,
    },
  }
}

const patched = new WeakSet<object>()

const adapter = crewAdapter<{ title: string; workers: object[] }, object>({
  name: 'small',
  specifier: 'small',
  file: /\/small\/index\.js$/,
  team: 'Squad',
  start: ['begin'],
  teamName: (team) => team.title,
  agents: (team) => team.workers,
  work: ['work'],
  useTool: 'use',
  toolUse([tool, given]) {
    return { tool: tool as Tool, arguments: given, withTool: (other) => [other, given] }
  },
})

test('any runtime of teams, agents and tools is described in a few lines', async () => {
  const runtime = smallRuntime()
  const tool: Tool = { name: 'dig', invoke: async (given) => ['dug', given] }
  const squad = new runtime.Squad(
    'miners',
    new runtime.Worker('Ann', tool),
    new runtime.Worker('Bob', tool),
  )
  const { host, started } = watchingHost()
  adapter.targets[0]!.attach(runtime, host)

  await expect(squad.begin('coal')).resolves.toEqual([
    ['dug', { job: 'coal' }],
    ['dug', { job: 'coal' }],
  ])
  expect(started).toMatchObject([
    {
      name: 'dig',
      arguments: { job: 'coal' },
      framework: 'small',
      runs: [{ agent: 'miners' }, { agent: 'Ann' }],
    },
    { name: 'dig', runs: [{ agent: 'miners' }, { agent: 'Bob' }] },
  ])
})

test('the tool sees itself, and what it throws comes through', async () => {
  const runtime = smallRuntime()
  class Pick implements Tool {
    readonly name = 'pick'
    readonly #uses = 1
    async invoke(): Promise<unknown> {
      if (!(this instanceof Pick)) throw new Error('not itself')
      throw new RangeError(`broken after ${this.#uses}`)
    }
  }
  const squad = new runtime.Squad('miners', new runtime.Worker('Ann', new Pick()))
  adapter.targets[0]!.attach(runtime, watchingHost().host)
  await expect(squad.begin('coal')).rejects.toThrow(new RangeError('broken after 1'))
})
