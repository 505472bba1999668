import { setTraceProcessors, setTracingDisabled, withTrace } from '@openai/agents'
import { beforeAll, expect, test } from 'vitest'
import { identify } from './identify.ts'

beforeAll(() => setTraceProcessors([]))

test('the trace and its group are known', async () => {
  setTracingDisabled(false)
  const hint = await withTrace('work', async ({ traceId }) => ({ traceId, known: identify() }), {
    groupId: 'thread 7',
  })
  expect(hint.known).toEqual({ key: `openai-agents ${hint.traceId}`, session: 'thread 7' })
})

test('with tracing off, and outside of a trace, nobody is known', async () => {
  setTracingDisabled(true)
  await expect(withTrace('work', async () => identify() ?? 'nobody')).resolves.toBe('nobody')
  expect(identify()).toBeUndefined()
})
