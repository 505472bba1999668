import type { Work } from './conversation.ts'
import type { Asked } from './provider.ts'
import { samePlace } from './truth.ts'
import type { Truth } from './truth.ts'

/** What was found wrong, in counts; all of them are to be 0. */
export interface Losses {
  /** A step whose reply the framework had was asked for again, or an effect's result was replaced by another one. */
  readonly lostSteps: number
  /** Effects beyond the first of the same tool call. */
  readonly repeatedEffects: number
  /** Tool calls that began again although nobody was asked. */
  readonly silentDoubts: number
  /** Model requests beyond the first of a step, and beyond one for each kill. */
  readonly excessRequests: number
  /** The run ended otherwise than the uncrashed one, or never. */
  readonly wrongAnswers: number
  readonly brokenStores: number
}

/** What is known of a run when it is over. */
export interface RunFacts {
  readonly work: Work
  readonly truth: readonly Truth[]
  readonly asked: readonly Asked[]
  /** What the tools returned, as the model was told it last. */
  readonly receipts: ReadonlyMap<string, string>
  readonly kills: number
  readonly answer: string | undefined
  readonly wantedAnswer: string | undefined
  readonly storeIsWhole: boolean
}

/** Measures a run by what really happened. */
export function judge(facts: RunFacts): Losses {
  const { truth, asked, kills } = facts
  return {
    lostSteps: details(facts).length,
    repeatedEffects: beyondFirst(truth.filter((line) => line.at === 'effect')),
    silentDoubts: silentDoubts(truth),
    excessRequests: Math.max(0, requestsAgain(asked) - kills),
    wrongAnswers:
      facts.answer !== undefined && facts.answer === (facts.wantedAnswer ?? facts.answer) ? 0 : 1,
    brokenStores: facts.storeIsWhole ? 0 : 1,
  }
}

/** What was lost, place by place, for who has to find out why. */
export function details(facts: RunFacts): string[] {
  const askedAgain = facts.asked
    .filter(({ completed }) => completed)
    .map(({ step, life }) => `step ${step} was complete and asked for again by process ${life}`)
  return [...askedAgain, ...replacedResults(facts)]
}

/** How often a run asked its model for a step that it had asked for before. */
export function requestsAgain(asked: readonly Asked[]): number {
  return asked.length - new Set(asked.map(({ step }) => step)).size
}

/** The sum of several runs' losses. */
export function sumLosses(all: readonly Losses[]): Losses {
  const sum = (key: keyof Losses): number => all.reduce((total, each) => total + each[key], 0)
  return {
    lostSteps: sum('lostSteps'),
    repeatedEffects: sum('repeatedEffects'),
    silentDoubts: sum('silentDoubts'),
    excessRequests: sum('excessRequests'),
    wrongAnswers: sum('wrongAnswers'),
    brokenStores: sum('brokenStores'),
  }
}

/** True where nothing was lost. */
export function isWhole(losses: Losses): boolean {
  return Object.values(losses).every((count) => count === 0)
}

/** What the model was told at the end is what the tools returned when they had their effect. */
function replacedResults({ work, truth, receipts }: RunFacts): string[] {
  const replaced: string[] = []
  for (let step = 0; step < work.rounds; step++) {
    for (let slot = 0; slot < work.slots; slot++) {
      const effect = truth.find(
        (line) => line.at === 'effect' && samePlace(line, { step, slot }),
      ) as Extract<Truth, { at: 'effect' }> | undefined
      const told = receipts.get(`${step}.${slot}`)
      if (effect?.receipt !== told) {
        replaced.push(
          `call ${step}.${slot} returned ${effect?.receipt}, the model was told ${told}`,
        )
      }
    }
  }
  return replaced
}

function beyondFirst(lines: readonly Extract<Truth, { at: 'effect' }>[]): number {
  return lines.length - new Set(lines.map(({ step, slot }) => `${step}.${slot}`)).size
}

/** A call may begin again when somebody has answered `again` since it began last. */
function silentDoubts(truth: readonly Truth[]): number {
  const mayBegin = new Map<string, boolean>()
  let silent = 0
  for (const line of truth) {
    if (line.at !== 'begun' && line.at !== 'settled') continue
    const place = `${line.step}.${line.slot}`
    if (line.at === 'settled') mayBegin.set(place, line.as === 'again')
    else {
      if (mayBegin.get(place) === false) silent++
      mayBegin.set(place, false)
    }
  }
  return silent
}
