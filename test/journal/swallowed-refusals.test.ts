import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startLab } from '@holdfast/lab'
import { instrument, run } from 'holdfast'
import OpenAI from 'openai'
import { expect, test } from 'vitest'

test('an agent that takes a refusal for an answer does not end a run that has diverged', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-refusals-'))
  await using lab = await startLab({ script: { text: 'Fine.' } })
  const holdfast = instrument({
    telemetry: false,
    journal: { store: join(folder, 'journal.db'), divergence: 'strict' },
  })
  const work = (system: string) =>
    run({ id: 'job' }, async () => {
      const client = new OpenAI({ apiKey: 'any', baseURL: lab.baseUrls.openai, maxRetries: 0 })
      try {
        const { choices } = await client.chat.completions.create({
          model: 'gpt-lab',
          messages: [{ role: 'system', content: system }],
        })
        return choices[0]?.message.content
      } catch {
        // As some frameworks do with their streams.
        return ''
      }
    })
  try {
    await expect(work('Be kind.')).resolves.toBe('Fine.')

    await expect(work('Be brief.')).rejects.toMatchObject({ code: 'RUN_DIVERGED' })

    expect(lab.requests).toHaveLength(1)
    await expect(work('Be kind.')).resolves.toBe('Fine.')
    expect(lab.requests).toHaveLength(1)
  } finally {
    await holdfast.uninstrument()
    rmSync(folder, { recursive: true, force: true })
  }
})
