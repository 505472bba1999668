import type { LabRequest, Step } from '@holdfast/lab'

import type { BadDay, Mishap, Turn } from './bad-days.ts'

/** What happens to one request of a day. */
export interface Fate {
  readonly turn: number
  /** Undefined where the agent asks more than the day foresees. */
  readonly plan: Turn | undefined
  readonly mishap: Mishap | undefined
}

/**
 * Decides what happens to each request of a day: a body that was not seen before is the agent's next turn, the same
 * body again is another try.
 */
export function dayScript(day: BadDay): (body: string) => Fate {
  const triesByBody = new Map<string, { readonly turn: number; tries: number }>()
  return function dayScript(body) {
    let seen = triesByBody.get(body)
    if (seen === undefined) triesByBody.set(body, (seen = { turn: triesByBody.size, tries: 0 }))
    const plan = day.turns[seen.turn]
    return { turn: seen.turn, plan, mishap: plan?.mishaps[seen.tries++] }
  }
}

/** The day as a script of the lab. `decided` is told what happens to each request. */
export function labScript(
  day: BadDay,
  decided: (request: LabRequest, fate: Fate) => void,
): (request: LabRequest) => Step {
  const decide = dayScript(day)
  return function labScript(request) {
    const fate = decide(request.bodyText)
    decided(request, fate)
    const says = fate.plan?.says ?? {}
    return fate.mishap === undefined ? says : { ...says, fault: fate.mishap.fault }
  }
}
