import { findPackageJSON } from 'node:module'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { allCells, fewCells, nodeOf } from './cells.ts'
import type { Cell } from './cells.ts'
import { crossings } from '../crossings/crossings.ts'
import { installApplications } from './install-applications.ts'
import { fixtures, runApplication } from './run-application.ts'
import type { HowToRun, Outcome, Played, SeenRun } from './run-application.ts'

/** What not every framework has. */
export type Feature =
  | 'stream'
  | 'interrupt'
  | 'wrappedTwice'
  | 'failingTool'
  | 'brokenModel'
  | 'cjs'

/**
 * What is true of one framework's adapter, beside what is true of all.
 *
 * Its application is `fixtures/<framework>.cjs`, loaded by `<framework>.mjs` and `<framework>-entry.cjs`. Its scenarios:
 * - `answer`: an agent looks the weather in Rome up by the tool `weather` and says "That was Rome."
 * - `together`: the same for Oslo and Bern, two runs at a time, in sessions of these names where there are sessions
 * - `failingTool`: for Atlantis, where the tool throws
 * - `stream`: streamed; its result names the kinds of chunks
 * - `interrupt`: the run waits for a person, and goes on
 * - `wrappedTwice`: the tool's function is made by `tool()` of holdfast, or a tool of another framework's
 * - `brokenModel`: a question with the word "break", to which the model answers 500 for ever
 * and whatever else the framework can do. Beside them, `one(city)` is one run of an agent about that city, in a session
 * of that name where there are sessions; `begin(city)`, where the framework has that, hands over what makes it when it is
 * iterated.
 */
export interface AdapterContract {
  /** The name of the fixture. */
  readonly framework: string
  /** Framework names on tool calls. */
  readonly boundary: string
  /** The adapter's name in `report()`. @default boundary */
  readonly adapter?: string
  /** The files that are attached to, by module system. */
  readonly attached: Readonly<Record<'esm' | 'cjs', readonly string[]>>
  /** What the two runs of the scenario `together` belong to, besides their id. */
  readonly together: readonly Partial<SeenRun>[]
  /** What an application is told of a broken model. Not compared with a bare run: some frameworks try for minutes. */
  readonly brokenModel?: unknown
  /** Scenarios in which the framework rejects some calls of a tool before the function runs. */
  readonly rejects?: readonly string[]
  /** Scenarios in which an agent is the tool: its runs are no runs of a function. */
  readonly agentsAsTools?: readonly string[]
  /** What the framework does not have, and why that is so. Whatever is not named here, it has a scenario for. */
  readonly lacks?: Readonly<Partial<Record<Feature, string>>>
  /** Packages of the framework; the first one's version is shown. */
  readonly packages: readonly string[]
  /** The oldest versions that are supported, of these and whatever else the application then needs. */
  readonly oldest?: Readonly<Record<string, string>>
  /** The newest ones, where the workspace has others. */
  readonly newest?: Readonly<Record<string, string>>
  /** More about the outcome of a cell. */
  more?(outcome: () => Outcome): void
}

/** `pnpm adapters` asks for `all` cells, or for `few`, with the oldest and newest versions too; the tests for a few. */
const asked = process.env['HOLDFAST_ADAPTERS']
const cells = asked === 'all' ? allCells : fewCells

/** What every adapter keeps to, whichever copy of its framework is loaded and however Holdfast comes in. */
export function describeAdapter(contract: AdapterContract): void {
  const [first = ''] = contract.packages
  describeVersion(contract, versionOf(first), async () => ({ folder: fixtures }))
  for (const versions of asked === undefined ? [] : [contract.oldest, contract.newest]) {
    if (versions === undefined) continue
    describeVersion(contract, versions[first] ?? '', () => installApplications(versions))
  }
}

interface Applications {
  readonly folder: string
  readonly remove?: () => Promise<void>
}

function describeVersion(
  contract: AdapterContract,
  version: string,
  install: () => Promise<Applications | undefined>,
): void {
  const { framework, lacks = {} } = contract
  let applications: Applications | undefined
  const bareOutcomes: Partial<Record<HowToRun['modules'], Promise<Outcome>>> = {}
  const run = (how: Omit<HowToRun, 'framework'>): Promise<Outcome> =>
    runApplication({ framework, applications: applications!.folder, ...how })

  describe(`${framework} | ${contract.packages[0]} ${version}`, () => {
    beforeAll(async () => {
      applications = await install()
    }, 300_000)
    beforeEach(({ task, skip }) => {
      if (applications !== undefined) return
      Object.assign(task.meta, { notInstalled: true })
      skip('the registry cannot be reached')
    })
    afterAll(() => applications?.remove?.())

    for (const cell of cells) {
      if (lacks.cjs !== undefined && cell.modules === 'cjs') continue
      describe(`${cell.modules} | ${cell.loading} | Node ${cell.node}`, () => {
        const node = nodeOf(cell.node) ?? process.execPath
        let bare: Outcome
        let held: Outcome
        beforeAll(async () => {
          if (applications === undefined) return
          const { modules, loading } = cell
          bare = await (bareOutcomes[modules] ??= run({ modules, loading: 'never' }))
          const env = { INTERLEAVED: '20', SEED: `${modules} ${loading} ${cell.node}` }
          held = await run({ modules, loading, node, env })
        }, 180_000)
        const outcomes = {
          bare: () => bare,
          held: () => held,
        }
        describeCell(contract, cell, outcomes)
        contract.more?.(outcomes.held)
      })
    }
  })
}

/** Played by the harness besides the application's scenarios, where Holdfast is on. */
const extra = ['interleaved', 'refused', 'brokenModel', 'afterwards']

function describeCell(
  contract: AdapterContract,
  cell: Cell,
  outcomes: { readonly bare: () => Outcome; readonly held: () => Outcome },
): void {
  const { lacks = {}, rejects = [], agentsAsTools = [] } = contract
  const { bare, held } = outcomes
  const played = (name: string): Played => {
    const one = held().played[name]
    if (one === undefined) throw new Error(`the application has no scenario ${name}`)
    return one
  }
  const own = (): (readonly [name: string, played: Played])[] =>
    Object.entries(held().played).filter(([name]) => !extra.includes(name))

  test('results, chunks and errors are what they are without Holdfast', () => {
    const results = (pairs: readonly (readonly [string, Played])[]) =>
      Object.fromEntries(pairs.map(([name, { result }]) => [name, result]))
    expect(results(own())).toEqual(results(Object.entries(bare().played)))
  })

  test('there is a scenario for whatever the framework has', () => {
    const features: Feature[] = [
      'stream',
      'interrupt',
      'wrappedTwice',
      'failingTool',
      'brokenModel',
    ]
    expect(features.filter((name) => held().played[name] === undefined)).toEqual(
      features.filter((name) => lacks[name] !== undefined),
    )
  })

  test('every tool run is one tool call, with its arguments, however many wrappers report it', () => {
    for (const [name, { ran, tools }] of own()) {
      if (rejects.includes(name) || agentsAsTools.includes(name)) continue
      expect([name, tools.length]).toEqual([name, ran.length])
      expect(tools.map((tool) => tool.framework)).toEqual(ran.map(() => contract.boundary))
    }
    expect(played('answer').tools.map((tool) => parsed(tool.arguments))).toEqual([{ city: 'Rome' }])
  })

  test('two runs at a time keep their identities apart', () => {
    const { models, tools } = played('together')
    expect(new Set(models.map(({ run: { id } = { id: 'none' } }) => id)).size).toBe(2)
    for (const [index, city] of ['Oslo', 'Bern'].entries()) {
      const asked = models.filter((model) => model.city === city)
      expect(asked.length).toBeGreaterThan(1)
      for (const { run: owner } of asked) {
        expect(owner).toMatchObject({ ...contract.together[index] })
        expect(owner?.id).toBe(asked[0]!.run!.id)
      }
      const [used] = tools.filter((tool) => cityOf(tool.arguments) === city)
      expect(used?.run?.id).toBe(asked[0]!.run!.id)
    }
  })

  test('of twenty interleaved runs no call is taken for one of another', () => {
    const { wrong, models, tools } = crossings(played('interleaved'))
    expect(wrong).toEqual([])
    expect(models).toBeGreaterThan(tools)
    expect(tools).toBeGreaterThanOrEqual(40)
  })

  test('a closed gate keeps the tool from running, and the model goes on with what was put in its place', () => {
    const { ran, tools, result } = played('refused')
    expect(ran).toEqual([])
    expect(tools.length).toBeGreaterThan(0)
    expect(JSON.stringify(result)).toContain('That was Rome.')
    expect(
      held().requests.filter(({ bodyText }) => bodyText.includes('refused at the gate')),
    ).not.toEqual([])
  })

  test.skipIf(lacks.brokenModel !== undefined)(
    'a broken model is asked as often as Holdfast says, whoever else retries',
    () => {
      const { result, models } = played('brokenModel')
      expect(result).toEqual(contract.brokenModel)
      expect(models.length).toBeGreaterThan(0)
      expect(held().requests.filter(({ bodyText }) => /\bbreak\b/.test(bodyText))).toHaveLength(3)
    },
  )

  test('the report lists the copies that are loaded, and no other', () => {
    const { report = [] } = held()
    const own = contract.adapter ?? contract.boundary
    const [mine] = report.filter(({ adapter }) => adapter === own)
    expect(mine?.attached.toSorted()).toEqual(contract.attached[cell.modules].toSorted())
    expect(report.flatMap(({ failed }) => failed)).toEqual([])
  })

  test.skipIf(cell.loading !== 'late')('after uninstrument() the tools run alone again', () => {
    expect(played('afterwards')).toMatchObject({ ran: ['Rome'], tools: [], models: [] })
  })
}

/** The version of a package as the applications see it. */
function versionOf(name: string): string {
  const path = findPackageJSON(name, pathToFileURL(join(fixtures, 'index.js')))
  if (path === undefined) throw new Error(`the applications cannot see a package ${name}`)
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version
}

function cityOf(given: unknown): unknown {
  return (parsed(given) as { city?: unknown }).city
}

function parsed(given: unknown): unknown {
  return typeof given === 'string' ? (JSON.parse(given) as unknown) : given
}
