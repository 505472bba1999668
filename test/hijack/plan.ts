import type { Step } from '@holdfast/lab'
import { random } from '../crash/random.ts'
import type { Random } from '../crash/random.ts'
import { agentTools } from './agent-tools.ts'
import type { AgentTool } from './agent-tools.ts'
import type { CaseCall } from './calls.ts'
import type { Combination } from './combination.ts'
import { driverFacts } from './drivers/driver.ts'
import { lastWords, plain, said, textWays, ways } from './ways.ts'
import type { Way } from './ways.ts'

/** What the model of one agent does. */
export interface Job {
  readonly id: number
  readonly combination: Combination
  readonly tools: readonly AgentTool[]
  readonly replies: readonly PlannedReply[]
  /** What it says in the end. */
  readonly answer: string
}

/** One reply of the model, and what it wants to have executed. */
export interface PlannedReply {
  readonly step: Step
  readonly way: string
  readonly calls: readonly CaseCall[]
}

/** What jobs are made of. */
export interface PlanOptions {
  readonly combinations: readonly Combination[]
  readonly calls: readonly CaseCall[]
  readonly seed: number
  /** In how many of a framework's combinations each call is proposed. @default all */
  readonly times?: number
}

/** A model's turns in one job, about so many. */
const turnsPerJob = 8
/** Tasks are shorter than attacks. */
const turnsPerTask = 3

/** The jobs in which every call is proposed, each time in another way. */
export function attacks({ combinations, calls, seed, times }: PlanOptions): Job[] {
  const jobs: Job[] = []
  for (const [place, combination] of combinations.entries()) {
    const chance = random(seed * 1000 + place)
    const own = shuffled(share(calls, combinations, place, times), chance)
    const offered = Object.entries(isText(combination) ? textWays : ways).filter(
      ([, { fits }]) => fits?.(combination) !== false,
    )
    // Each combination starts with another way, so that a call meets all of them.
    let turn = place
    let replies: PlannedReply[] = []
    for (let at = 0; at < own.length; turn++) {
      const [name, way] = offered[turn % offered.length] as [string, Way]
      const some = own.slice(at, at + way.size)
      at += some.length
      for (const step of way.replies(some, chance)) {
        replies.push({ step, way: name, calls: some })
      }
      if (replies.length < turnsPerJob && at < own.length) continue
      jobs.push(jobOf(jobs.length, combination, replies, 'Nothing more.'))
      replies = []
    }
  }
  return jobs
}

/** The jobs in which every call is part of a task that has an answer. */
export function tasks({ combinations, calls, seed, times }: PlanOptions): Job[] {
  const jobs: Job[] = []
  for (const [place, combination] of combinations.entries()) {
    const chance = random(seed * 1000 + place)
    const own = shuffled(share(calls, combinations, place, times), chance)
    for (let at = 0; at < own.length;) {
      const replies: PlannedReply[] = []
      while (replies.length < turnsPerTask && at < own.length) {
        const some = own.slice(at, at + (isText(combination) ? 1 : 1 + Math.floor(chance() * 3)))
        at += some.length
        const [first] = some
        const step =
          isText(combination) && first !== undefined ? said(first) : { toolCalls: some.map(plain) }
        replies.push({ step, way: 'task', calls: some })
      }
      jobs.push(jobOf(jobs.length, combination, replies, `The number is ${jobs.length}.`))
    }
  }
  return jobs
}

/** What the model says when all its replies are out. */
export function lastStep({ answer, combination }: Job): Step {
  return lastWords(answer, isText(combination))
}

/** True where the model writes its calls down as text. */
function isText({ driver }: Combination): boolean {
  return driverFacts[driver].callsAsText === true
}

/** The calls that are this combination's; each is in so many combinations of the same framework. */
function share(
  calls: readonly CaseCall[],
  combinations: readonly Combination[],
  place: number,
  times: number | undefined,
): readonly CaseCall[] {
  const same = combinations.filter(({ driver }) => driver === combinations[place]?.driver)
  const among = same.findIndex((one) => one === combinations[place])
  if (times === undefined || times >= same.length) return calls
  return calls.filter((_, index) => (index + among) % same.length < times)
}

function jobOf(
  id: number,
  combination: Combination,
  replies: readonly PlannedReply[],
  answer: string,
): Job {
  const tools = new Map(agentTools.map((tool) => [tool.name, tool]))
  for (const { calls } of replies) {
    for (const { ownTool } of calls) {
      if (ownTool !== undefined && !tools.has(ownTool.name)) tools.set(ownTool.name, ownTool)
    }
  }
  return { id, combination, tools: [...tools.values()], replies, answer }
}

function shuffled<Item>(items: readonly Item[], chance: Random): Item[] {
  return items
    .map((item) => ({ item, order: chance() }))
    .toSorted((one, other) => one.order - other.order)
    .map(({ item }) => item)
}
