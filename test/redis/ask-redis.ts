import { connect } from 'node:net'
import { freePort, startRedis } from './redis-server.ts'
import type { RedisServer } from './redis-server.ts'

/** How many commands a Redis has run. */
export async function commandsRun(port: number): Promise<number> {
  const [, count] = await askRedis(port, 'INFO stats', /total_commands_processed:(\d+)/)
  return Number(count)
}

/** How often a Redis has been asked to run a script. */
export async function scriptsRun(port: number): Promise<number> {
  const [stats] = await askRedis(port, 'INFO commandstats', /cmdstat_[\s\S]*\r\n$/)
  const calls = [...stats.matchAll(/cmdstat_eval(?:sha)?:calls=(\d+)/g)]
  return calls.reduce((sum, [, count]) => sum + Number(count), 0)
}

/** A Redis Cluster of one node that has all slots; as every cluster it takes only keys of one slot into a script. */
export async function startRedisCluster(): Promise<RedisServer> {
  const settings = ['--cluster-enabled', 'yes', '--cluster-port', `${await freePort()}`]
  // A node that has met no other one does not know its own address.
  settings.push('--cluster-announce-ip', '127.0.0.1')
  const redis = await startRedis({ settings })
  await askRedis(redis.port, 'CLUSTER ADDSLOTSRANGE 0 16383', /OK/)
  for (const until = performance.now() + 10_000; performance.now() < until;) {
    const [, state] = await askRedis(redis.port, 'CLUSTER INFO', /cluster_state:(\w+)/)
    if (state === 'ok') return redis
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('the cluster does not come up')
}

/** Sends one command; what its reply says at `wanted`, as soon as it does. */
export function askRedis(port: number, command: string, wanted: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(`${command}\r\n`))
    let reply = ''
    socket.on('data', (bytes) => {
      reply += bytes.toString()
      const found = wanted.exec(reply)
      if (found === null) return
      socket.destroy()
      resolve(found)
    })
    socket.once('error', reject)
  })
}
