import { expect, test } from 'vitest'
import type { RunSummary } from './run-summary.ts'
import { runApplication } from './testing/run-application.ts'
import { goodAnswer, goodAnswerUsd, startProvider } from './testing/provider.ts'

test('a process that is done ends at once, and tells the run that only its calls showed', async () => {
  await using provider = await startProvider(goodAnswer)

  const { code, output, tookMs } = await runApplication({
    PROVIDER: provider.url,
    RUN_LOG: 'yes',
    END: 'by itself',
  })

  expect(code).toBe(0)
  expect(tookMs).toBeLessThan(15_000)
  const summary = JSON.parse(output) as RunSummary
  expect(summary).toMatchObject({ agent: 'helper', calls: 1, outcome: 'ok', complete: true })
  expect(summary.costUsd).toBeCloseTo(goodAnswerUsd, 9)
})

test('process.exit() right after a call tells the run too, without waiting for prices', async () => {
  await using provider = await startProvider(goodAnswer)

  const { output } = await runApplication({
    PROVIDER: provider.url,
    RUN_LOG: 'yes',
    END: 'exit',
  })

  const summary = JSON.parse(output) as RunSummary
  expect(summary).toMatchObject({ calls: 1, outcome: 'ok', tokens: { input: 1000, output: 200 } })
})
