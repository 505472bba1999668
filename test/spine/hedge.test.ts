import { setTimeout } from 'node:timers/promises'
import { startLab } from '@holdfast/lab'
import { instrument, run } from 'holdfast'
import OpenAI from 'openai'
import { expect, test } from 'vitest'

test.each([false, true])(
  'a slow call is sent twice, and the run log counts the slower one as possibly billed (streamed: %s)',
  async (stream) => {
    await using lab = await startLab()
    const summaries: { attempts: number; possiblyBilled: number; complete: boolean }[] = []
    const holdfast = instrument({
      reliability: { hedge: { minSamples: 5, maxShare: 0.5 } },
      runLog: (summary) => summaries.push(summary),
    })
    const client = new OpenAI({ apiKey: 'k', baseURL: lab.baseUrls.openai })
    const ask = async (): Promise<string> => {
      const messages = [{ role: 'user' as const, content: 'hello' }]
      const asked = { model: 'gpt-5', messages }
      if (!stream) {
        const answer = await client.chat.completions.create(asked)
        return answer.choices[0]?.message.content ?? ''
      }
      let said = ''
      for await (const chunk of await client.chat.completions.create({ ...asked, stream: true })) {
        said += chunk.choices[0]?.delta.content ?? ''
      }
      return said
    }
    for (let call = 0; call < 6; call++) await ask()
    // A hedge that was given up may still be on its way.
    await setTimeout(20)
    lab.reset(({ index }) => (index === 0 ? { delayMs: 2_000, text: 'slow' } : { text: 'fast' }))

    const said = await run({ agent: 'hedged' }, ask)
    await holdfast.uninstrument()

    expect(said).toBe('fast')
    const outcomes = () => lab.requests.map(({ outcome }) => outcome)
    await expect.poll(outcomes).toEqual(['aborted-by-client', 'answered'])
    expect(summaries.at(-1)).toMatchObject({ attempts: 2, possiblyBilled: 1, complete: false })
  },
)
