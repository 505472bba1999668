import { canonicalArguments } from '@holdfast/core'
import type { Approver, Call } from '@holdfast/core'
import type { Refusal } from '@holdfast/core/limits'
import { decide } from '../decide.ts'
import type { RunTallies } from '../run-tallies.ts'
import type { CapLine } from './cap-lines.ts'
import { CapReachedError } from './cap-reached-error.ts'
import type { CapSteps } from './cap-steps.ts'
import type { CapClaim } from './reservation.ts'

/** What the caps need of others. */
export interface CapRefusalPorts {
  readonly approver?: Approver | undefined
  readonly tallies: RunTallies
  readonly now: () => number
}

/** What comes of a call that has no room in a cap. */
export class CapRefusals {
  readonly #steps: CapSteps
  readonly #ports: CapRefusalPorts

  constructor(steps: CapSteps, ports: CapRefusalPorts) {
    this.#steps = steps
    this.#ports = ports
  }

  /** Goes on to the next step of the cap that has no room; returns where the call may be tried again. */
  async goOn(
    call: Call,
    lines: readonly CapLine[],
    claims: readonly CapClaim[],
    refusal: Refusal,
  ): Promise<void> {
    const line = lines.find(({ key }) => key === refusal.key)
    if (line === undefined) throw new TypeError(`no cap is called ${refusal.key}`)
    const rule = `caps.${line.name}`
    const what = `${line.name} ${inUnits(line, line.limit)} per ${line.per}`
    const step = this.#steps.take(line)
    if (step !== undefined) {
      const share = `${Math.round(step.at * 100)} % of ${what}`
      if (step.kind === 'soft') {
        const reason = `${share} is used: the model is told to come to an end`
        decide(call, { policy, verdict: 'warn', rule: `${rule}.soft`, reason })
      } else {
        const model = line.cap.degradeTo ?? ''
        const reason = `${share} is used: ${model} answers from now on`
        const subject = { kind: 'model', name: model } as const
        decide(call, { policy, verdict: 'change', rule: `${rule}.degrade`, reason, subject })
      }
      return
    }
    const denied = await this.#raise(call, line, what)
    if (denied === undefined) return
    decide(call, { policy, verdict: 'deny', rule, reason: `${what} is reached` })
    const { retryInMs } = refusal
    const retryAt =
      retryInMs === Infinity ? {} : { retryAt: new Date(this.#ports.now() + retryInMs) }
    throw new CapReachedError({
      cap: line.name,
      per: line.per,
      runId: line.runId,
      limit: inUnits(line, line.limit),
      spent: inUnits(line, refusal.spent ?? 0),
      asked: inUnits(line, amountOf(claims, refusal)),
      partial: this.#ports.tallies.of(call.run),
      ...retryAt,
      ...(denied === '' ? {} : { denied }),
    })
  }

  /** Asks whether the cap may be raised: undefined for a yes, else why not, where somebody said. */
  async #raise(call: Call, line: CapLine, what: string): Promise<string | undefined> {
    const { approver } = this.#ports
    if (line.cap.ask !== true || approver === undefined) return ''
    const { text: argumentsText, hash: argumentsHash } = canonicalArguments({
      cap: line.name,
      per: line.per,
      limit: inUnits(line, line.limit),
      raiseTo: inUnits(line, this.#steps.raisedLimit(line)),
    })
    const { id: runId, session, tenant, user, agent } = call.run ?? {}
    const rule = `caps.${line.name}`
    const reason = `${what} is reached`
    decide(call, { policy, verdict: 'ask', rule, reason, argumentsHash })
    const question = { runId, tool: 'governance.caps', argumentsHash, argumentsText, rule, reason }
    const signal = call.kind === 'llm' ? call.signal : undefined
    const answer = await approver.ask(
      { ...question, toolClass: 'payment', session, tenant, user, agent, callId: call.id },
      signal,
      {
        checkEdited: (text) =>
          raiseTo(text) === undefined ? 'raiseTo has to be a number' : undefined,
      },
    )
    if (answer.verdict === 'denied') return answer.reason
    const edited =
      answer.editedText === undefined ? undefined : canonicalArguments(answer.editedText)
    const granted = raiseTo(edited?.text ?? argumentsText)
    const binding = {
      runId,
      tool: 'governance.caps',
      argumentsHash: edited?.hash ?? argumentsHash,
    }
    if (!(await approver.redeem(binding))) return 'the approval was used up before'
    if (granted === undefined) return 'the approval names no number to raise it to'
    const limit = line.name === 'maxUsd' ? granted * 1e6 : granted
    this.#steps.raise(line, Math.floor(limit))
    decide(call, { policy, verdict: 'allow', rule, reason: `${what} was raised`, by: answer.by })
    return undefined
  }
}

const policy = 'governance.caps'

function amountOf(claims: readonly CapClaim[], { key }: Refusal): number {
  return claims.find((claim) => claim.key === key)?.amount ?? 0
}

function inUnits({ name }: CapLine, units: number): number {
  return name === 'maxUsd' ? units / 1e6 : units
}

/** What an approval raises a cap to. */
function raiseTo(text: string): number | undefined {
  const { raiseTo } = JSON.parse(text) as { readonly raiseTo?: unknown }
  return typeof raiseTo === 'number' && Number.isFinite(raiseTo) ? raiseTo : undefined
}
