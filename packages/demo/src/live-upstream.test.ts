import { startLab } from '@holdfast/lab'
import { expect, test } from 'vitest'

import { badDays } from './bad-days.ts'
import { liveUpstream } from './live-upstream.ts'
import type { Upstream } from './upstream.ts'

test('spoils what the day spoils and sends everything else on to the real provider, as it came', async () => {
  await using real = await startLab({ script: { text: 'from the real one' } })
  const upstream = await liveUpstream(dayOf('langgraph'), {
    baseUrl: real.baseUrls.anthropic,
    apiKey: 'the-real-key',
    model: 'claude-sonnet-4-5',
  })
  try {
    expect(await ask(upstream, 'where?')).toMatchObject({ status: 529 })
    expect(real.requests).toHaveLength(0)

    const answer = await ask(upstream, 'where?')
    expect(answer.status).toBe(200)
    expect(answer.body).toContain('message_stop')
    expect(real.requests[0]?.bodyText).toBe(bodyOf('where?'))

    const cut = await ask(upstream, 'and when?')
    expect(cut.status).toBe(200)
    expect(cut.body).not.toContain('message_stop')

    expect(upstream.env).toMatchObject({
      ANTHROPIC_API_KEY: 'the-real-key',
      ANTHROPIC_MODEL: 'claude-sonnet-4-5',
    })
    expect(upstream.attempts().map(({ turn, failed }) => [turn, failed])).toEqual([
      [0, true],
      [0, false],
      [1, true],
    ])
  } finally {
    await upstream.close()
  }
})

test('a dead provider stays dead, and its backup lives', async () => {
  await using real = await startLab()
  const upstream = await liveUpstream(dayOf('kaiban'), {
    baseUrl: real.baseUrls.openai,
    apiKey: 'the-real-key',
    model: undefined,
  })
  const send = async (
    question: string,
    baseUrl = upstream.env['OPENAI_BASE_URL'],
  ): Promise<number> => {
    const url = `${baseUrl}/chat/completions`
    const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: question }] })
    return (await fetch(url, { method: 'POST', body })).status
  }
  try {
    expect(await send('one')).toBe(503)
    expect(await send('one')).toBe(200)
    expect(await send('two')).toBe(200)
    await expect(send('three')).rejects.toThrow('fetch failed')
    await expect(send('three')).rejects.toThrow('fetch failed')
    expect(real.requests).toHaveLength(2)

    expect(await send('three', upstream.env['BACKUP_BASE_URL'])).toBe(200)
    expect(real.requests).toHaveLength(3)
    expect(upstream.attempts().at(-1)).toMatchObject({ provider: 'backup', failed: false, turn: 2 })
  } finally {
    await upstream.close()
  }
})

async function ask({ env }: Upstream, question: string): Promise<{ status: number; body: string }> {
  const answer = await fetch(`${env['ANTHROPIC_BASE_URL']}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': 'k' },
    body: bodyOf(question),
  })
  return { status: answer.status, body: await answer.text() }
}

function bodyOf(question: string): string {
  return JSON.stringify({
    model: 'claude-haiku-4-5',
    max_tokens: 100,
    stream: true,
    messages: [{ role: 'user', content: question }],
  })
}

function dayOf(agent: string): (typeof badDays)[number] {
  const day = badDays.find((one) => one.agent === agent)
  if (day === undefined) throw new Error(`no day for ${agent}`)
  return day
}
