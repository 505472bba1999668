import type { Lab, LabRequest } from '@holdfast/lab'
import { startLab } from '@holdfast/lab'

import type { Attempt } from './attempt.ts'
import type { BadDay } from './bad-days.ts'
import type { Fate } from './day-script.ts'
import { labScript } from './day-script.ts'
import type { Upstream } from './upstream.ts'

/** Two providers of the lab: one that has a bad day, and a healthy one that is only asked where somebody falls back. */
export async function simulatedUpstream(day: BadDay): Promise<Upstream> {
  const fates = new Map<LabRequest, Fate>()
  // One script for both: what was asked of the first and is asked of the second again is the same turn.
  const script = labScript(day, (request, fate) => fates.set(request, fate))
  const primary = await startLab({ script, chunkDelayMs: 5 })
  const backup = await startLab({ script, chunkDelayMs: 5 })

  function attemptsAt(lab: Lab, provider: Attempt['provider']): Attempt[] {
    return lab.requests.flatMap((request) => {
      const fate = fates.get(request)
      return fate === undefined ? [] : [attemptOf(request, fate, provider)]
    })
  }

  return {
    env: {
      ANTHROPIC_API_KEY: 'a-key-for-the-lab',
      ANTHROPIC_BASE_URL: primary.baseUrls.anthropic,
      OPENAI_API_KEY: 'a-key-for-the-lab',
      OPENAI_BASE_URL: primary.baseUrls.openai,
      BACKUP_BASE_URL: backup.baseUrls[day.provider],
    },
    attempts: () => [...attemptsAt(primary, 'primary'), ...attemptsAt(backup, 'backup')],
    async close() {
      await Promise.all([primary.close(), backup.close()])
    },
  }
}

function attemptOf(request: LabRequest, fate: Fate, provider: Attempt['provider']): Attempt {
  const { mishap, plan, turn } = fate
  const usage = plan?.says.usage
  const answered = mishap === undefined && request.outcome === 'answered'
  return {
    atMs: performance.timeOrigin + request.atMs,
    endedAtMs:
      request.endedAtMs === undefined ? undefined : performance.timeOrigin + request.endedAtMs,
    provider,
    turn,
    shown: mishap?.shown ?? `200, ${plan?.shown ?? 'an answer'}`,
    failed: mishap !== undefined,
    abandoned: request.outcome === 'aborted-by-client',
    ...(answered && usage !== undefined
      ? { tokens: { input: usage.inputTokens ?? 0, output: usage.outputTokens ?? 0 } }
      : {}),
  }
}
