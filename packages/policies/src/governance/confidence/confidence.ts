import { assemble, canonicalArguments, watchReply } from '@holdfast/core'
import type {
  Approver,
  AssembledMessage,
  Frame,
  Interceptor,
  LlmCall,
  LlmReply,
  ReplyEvent,
} from '@holdfast/core'
import { decide } from '../decide.ts'
import { escalate, notify, whose } from '../escalation.ts'
import type { Escalation } from '../escalation.ts'
import { holdReply } from '../held-reply.ts'
import type { RunTallies } from '../run-tallies.ts'
import { ReplyRejectedError } from '../validation/reply-rejected-error.ts'
import { Logprobs } from './logprobs.ts'
import type { ConfidenceOptions } from './options.ts'

/** Whom scores are told to. */
export interface ConfidencePorts {
  readonly tallies: RunTallies
  readonly approver?: Approver | undefined
  readonly onEscalate?: ((escalation: Escalation) => unknown) | undefined
}

/**
 * Scores answers.
 *
 * Sees: each answer when it is whole; streams pass as they come, unless somebody has to approve.
 * Changes: nothing; an answer that somebody denies is refused.
 * @throws HoldfastError REPLY_REJECTED where somebody was asked and said no
 */
export function confidence(options: ConfidenceOptions, ports: ConfidencePorts): Interceptor {
  const { when, ask = false } = options
  return async function confidence(call, next) {
    if (call.operation !== 'chat' || when?.(call) === false) return next(call)
    const reply = await next(call)
    if (reply.failure !== undefined) return reply
    const { approver } = ports
    if (!ask || approver === undefined) return scored(reply, call, options, ports)
    const logprobs = new Logprobs()
    const heard = watchReply(reply, { frame: (frame) => listen(logprobs, reply, frame) })
    const held = await holdReply(heard, isNoAnswer)
    if (held.answer === undefined) return held.reply
    const score = await scoreOf(options, held.answer, call, logprobs)
    if (judge(call, score, options, ports) === 'escalate') {
      await approve(call, score ?? 0, approver)
    }
    return held.reply
  }
}

type Judgement = 'auto' | 'review' | 'escalate'

/** The reply as it comes; its score is told at its end. */
function scored(
  reply: LlmReply,
  call: LlmCall,
  options: ConfidenceOptions,
  ports: ConfidencePorts,
): LlmReply {
  const events: ReplyEvent[] = []
  const logprobs = new Logprobs()
  let over = false
  const end = (): void => {
    if (over || events.some(isNoAnswer)) return
    over = true
    void scoreOf(options, assemble(events), call, logprobs).then((score) =>
      judge(call, score, options, ports),
    )
  }
  return watchReply(reply, {
    frame(frame) {
      events.push(...frame.events)
      if (options.score === 'logprobs') listen(logprobs, reply, frame)
      if (!reply.streaming) end()
    },
    end,
    // Some readers leave at the terminal event.
    cancel() {
      if (reply.complete()) end()
    },
  })
}

function listen(logprobs: Logprobs, { streaming }: LlmReply, frame: Frame): void {
  if (streaming) logprobs.piece(frame)
  else logprobs.whole(frame)
}

function isNoAnswer({ type }: ReplyEvent): boolean {
  return type === 'tool-call-start'
}

/** Undefined where nobody can tell; a score function that breaks cannot. */
async function scoreOf(
  { score }: ConfidenceOptions,
  answer: AssembledMessage,
  call: LlmCall,
  logprobs: Logprobs,
): Promise<number | undefined> {
  try {
    const value =
      score === 'logprobs'
        ? logprobs.score
        : typeof score === 'function'
          ? await score(answer, call)
          : memberOf(answer.text, score.field)
    return typeof value === 'number' && Number.isFinite(value) ? value : undefined
  } catch {
    return undefined
  }
}

function memberOf(text: string, field: string): unknown {
  let value: unknown = JSON.parse(text)
  for (const name of field.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined
    value = Reflect.get(value, name)
  }
  return value
}

/** Tells what is to be told of a score. One that is not there is the worst. */
function judge(
  call: LlmCall,
  score: number | undefined,
  { reviewBelow = 0.7, escalateBelow = 0.4, onReview }: ConfidenceOptions,
  { tallies, onEscalate }: ConfidencePorts,
): Judgement {
  const known = score ?? 0
  const judgement =
    known < escalateBelow ? 'escalate' : known < reviewBelow ? 'review' : ('auto' as const)
  decide(call, {
    policy: 'governance.confidence',
    verdict: judgement === 'auto' ? 'allow' : judgement === 'review' ? 'warn' : 'ask',
    rule: `confidence.${judgement}`,
    reason:
      score === undefined ? 'the answer has no score' : `the answer scores ${known.toFixed(3)}`,
    score,
    subject: { kind: 'model', name: call.model },
  })
  const answer = { ...whose(call), model: call.model, score: known }
  if (judgement === 'review') notify(onReview, answer, 'confidence.onReview')
  if (judgement === 'escalate') {
    const { text: _, ...soFar } = tallies.of(call.run)
    escalate(onEscalate, { kind: 'confidence', ...answer, soFar })
  }
  return judgement
}

/** Waits until somebody has approved the answer. */
async function approve(call: LlmCall, score: number, approver: Approver): Promise<void> {
  const { text: argumentsText, hash: argumentsHash } = canonicalArguments({
    callId: call.id,
    model: call.model,
    score,
  })
  const { id: runId, session, tenant, user, agent } = call.run ?? {}
  const binding = { runId, tool: 'governance.confidence', argumentsHash }
  const answer = await approver.ask(
    {
      ...binding,
      argumentsText,
      toolClass: 'communication',
      rule: 'confidence.escalate',
      reason: `the answer scores ${score.toFixed(3)}`,
      session,
      tenant,
      user,
      agent,
      callId: call.id,
    },
    call.signal,
  )
  if (answer.verdict === 'approved' && (await approver.redeem(binding))) return
  const reason = answer.verdict === 'denied' ? answer.reason : 'the approval was used up before'
  throw new ReplyRejectedError(call.model, [{ message: reason }], 1, 'confidence')
}
