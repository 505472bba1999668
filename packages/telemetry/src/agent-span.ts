import type { Run } from '@holdfast/core'
import type { Attributes, Context, Span, Tracer } from '@opentelemetry/api'
import { errorStatus, internalKind } from './open-telemetry.ts'
import type { RunAccount } from './run-ledger.ts'
import type { RunSummary } from './run-summary.ts'

/** Starts the span around a run. */
export function startAgentSpan(tracer: Tracer, run: Run, startedAt: number, parent: Context): Span {
  const attributes: Attributes = { 'gen_ai.operation.name': 'invoke_agent' }
  if (run.agent !== undefined) attributes['gen_ai.agent.name'] = run.agent
  const name = run.agent === undefined ? 'invoke_agent' : `invoke_agent ${run.agent}`
  return tracer.startSpan(name, { kind: internalKind, startTime: startedAt, attributes }, parent)
}

/** Completes a run's span and ends it. */
export function endAgentSpan(span: Span, account: RunAccount, summary: RunSummary): void {
  const { run, startedAt, startedAtMs, lastAtMs } = account
  // Tokens stay with the calls: a backend that adds up spans would count them twice.
  const attributes: Attributes = {
    'holdfast.run.id': run.id,
    'holdfast.run.outcome': summary.outcome,
    'holdfast.run.calls': summary.calls,
    'holdfast.run.attempts': summary.attempts,
    'holdfast.run.input_tokens': summary.tokens.input,
    'holdfast.run.output_tokens': summary.tokens.output,
  }
  const [provider] = account.providers
  if (provider !== undefined) attributes['gen_ai.provider.name'] = provider
  if (run.session !== undefined) attributes['gen_ai.conversation.id'] = run.session
  if (run.promptVersion !== undefined) attributes['gen_ai.prompt.version'] = run.promptVersion
  if (run.parent !== undefined) attributes['holdfast.run.parent_id'] = run.parent.id
  if (summary.costUsd !== undefined) attributes['holdfast.run.cost.usd'] = summary.costUsd
  if (summary.outcome !== 'ok') attributes['error.type'] = summary.errorType ?? summary.outcome
  span.setAttributes(attributes)
  if (summary.outcome === 'error') span.setStatus({ code: errorStatus })
  span.end(startedAt + (lastAtMs - startedAtMs))
}
