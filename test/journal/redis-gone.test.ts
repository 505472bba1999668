import { redisJournal } from '@holdfast/store-redis'
import { expect, test } from 'vitest'
import { redisAvailable, startRedis } from '../redis/redis-server.ts'

test.runIf(redisAvailable())(
  'a Redis that is gone is told by its code, whatever was asked',
  async () => {
    const redis = await startRedis()
    const journal = redisJournal({ url: redis.url, timeoutMs: 500 })
    const owner = { id: 'one', host: 'here', pid: 1, started: '0' }
    const asked = { facts: { id: 'run' }, owner, ttlMs: 1_000 }
    const answer = await journal.acquire(asked)
    if (!answer.taken) throw new Error('nobody else is there')
    await redis.stop()

    const gone = { code: 'STORE_UNREACHABLE', retryable: true }
    await expect(journal.find('run')).rejects.toMatchObject(gone)
    await expect(journal.read('run')).rejects.toMatchObject(gone)
    await expect(journal.list()).rejects.toMatchObject(gone)
    await expect(journal.acquire(asked)).rejects.toMatchObject(gone)
    await expect(
      journal.append(answer.lease, [{ seq: 0, kind: 'note', atMs: 1, data: '' }]),
    ).rejects.toMatchObject(gone)
    await journal.close()
  },
)
