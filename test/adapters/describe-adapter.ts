import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { runApplication } from './run-application.ts'
import type { HowToRun, Outcome, Played, SeenRun } from './run-application.ts'

export interface AdapterContract {
  /** The name of the fixture. */
  readonly framework: string
  /** Framework names on tool calls. */
  readonly boundary: string
  /** The files that are attached to, by module system. */
  readonly attached: Readonly<Record<'esm' | 'cjs', readonly string[]>>
  /** What the two runs of the scenario `together` belong to, besides their id. */
  readonly together: readonly Partial<SeenRun>[]
  /** Scenarios in which the framework rejects some calls of a tool before the function runs. */
  readonly rejects?: readonly string[]
  /** Scenarios in which an agent is the tool: its runs are no runs of a function. */
  readonly agentsAsTools?: readonly string[]
  /** More about the outcome of a matrix entry. */
  more?(outcome: () => Outcome): void
}

const modes = (['esm', 'cjs'] as const).flatMap((modules) =>
  (['before', 'after'] as const).map((when) => ({ modules, when })),
)

/** What every adapter keeps to, whichever copy of its framework is loaded and whenever Holdfast is put on. */
export function describeAdapter(contract: AdapterContract): void {
  const { framework } = contract
  const run = (how: Omit<HowToRun, 'framework'>): Promise<Outcome> =>
    runApplication({ framework, ...how })

  const bareOutcomes: Partial<Record<HowToRun['modules'], Promise<Outcome>>> = {}

  describe.each(modes)(`${framework}, $modules, instrument() $when`, ({ modules, when }) => {
    let bare: Outcome
    let held: Outcome
    beforeAll(async () => {
      bare = await (bareOutcomes[modules] ??= run({ modules, when: 'never' }))
      held = await run({ modules, when, afterwards: 'answer' })
    }, 120_000)

    test('results and errors are what they are without Holdfast', () => {
      const results = ({ played }: Outcome) =>
        Object.fromEntries(
          Object.entries(played)
            .filter(([name]) => name !== 'afterwards')
            .map(([name, { result }]) => [name, result]),
        )
      expect(results(held)).toEqual(results(bare))
    })

    test('every tool run is one tool call, with its arguments', () => {
      const { rejects = [], agentsAsTools = [] } = contract
      for (const [name, { ran, tools }] of Object.entries(held.played)) {
        if (name === 'afterwards' || rejects.includes(name) || agentsAsTools.includes(name))
          continue
        expect([name, tools.length]).toEqual([name, ran.length])
        expect(tools.map((tool) => tool.framework)).toEqual(ran.map(() => contract.boundary))
      }
      expect(argumentsOf(held.played['answer'])).toEqual([{ city: 'Rome' }])
    })

    test('two runs at a time keep their identities apart', () => {
      const { models, tools } = held.played['together']!
      const cities = ['Oslo', 'Bern']
      expect(new Set(models.map(({ run: { id } = { id: 'none' } }) => id)).size).toBe(2)
      for (const [index, city] of cities.entries()) {
        const own = models.filter((model) => model.city === city)
        expect(own.length).toBeGreaterThan(1)
        for (const { run: owner } of own) {
          expect(owner).toMatchObject({ ...contract.together[index] })
          expect(owner?.id).toBe(own[0]!.run!.id)
        }
        const [used] = tools.filter((tool) => cityOf(tool.arguments) === city)
        expect(used?.run?.id).toBe(own[0]!.run!.id)
      }
    })

    test('the report lists the copies that are loaded, and no other', () => {
      const [first] = held.report!.filter(({ adapter }) => adapter === contract.boundary)
      expect(first?.attached.toSorted()).toEqual(contract.attached[modules].toSorted())
      expect(held.report!.flatMap(({ failed }) => failed)).toEqual([])
    })

    test('after uninstrument() the tools run alone again', () => {
      expect(held.played['afterwards']).toMatchObject({ ran: ['Rome'], tools: [] })
    })

    contract.more?.(() => held)
  })

  test.each(modes)(
    `${framework}, $modules, instrument() $when: a closed gate keeps every tool from running, and the agent ends`,
    async ({ modules, when }) => {
      const { played } = await run({ modules, when, gate: 'closed', scenarios: ['answer'] })
      expect(played['answer']?.ran).toEqual([])
      expect(played['answer']?.tools.length).toBeGreaterThan(0)
      expect(JSON.stringify(played['answer']?.result)).toContain('That was Rome.')
    },
    60_000,
  )

  const nodes = ['node-22', 'node-26'].map((name) => ({
    name,
    node: fileURLToPath(new URL(`../node_modules/${name}/bin/node`, import.meta.url)),
  }))
  describe.each(nodes)(`${framework} on $name`, ({ node }) => {
    test.skipIf(!existsSync(node)).each(modes)(
      '$modules, instrument() $when: tools are caught and runs known',
      async ({ modules, when }) => {
        const { played } = await run({
          node,
          modules,
          when,
          scenarios: ['answer', 'together'],
        })
        expect(played['answer']?.tools).toHaveLength(1)
        expect(played['together']?.tools).toHaveLength(2)
        expect(new Set(played['together']?.models.map((model) => model.run?.id)).size).toBe(2)
      },
      60_000,
    )
  })
}

function argumentsOf(played: Played | undefined): unknown[] | undefined {
  return played?.tools.map((tool) => parsed(tool.arguments))
}

function cityOf(given: unknown): unknown {
  return (parsed(given) as { city?: unknown }).city
}

function parsed(given: unknown): unknown {
  return typeof given === 'string' ? (JSON.parse(given) as unknown) : given
}
