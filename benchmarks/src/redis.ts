import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A redis-server of this benchmark's own, on loopback. */
export interface BenchRedis extends AsyncDisposable {
  readonly url: string
  /** How often it has been asked to run a script. */
  scriptsRun(): Promise<number>
}

/** Starts one; undefined where none is installed. */
export async function startRedis(): Promise<BenchRedis | undefined> {
  if (spawnSync('redis-server', ['--version']).status !== 0) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-redis-'))
  const socket = join(folder, 'redis.sock')
  const port = 20_000 + (process.pid % 20_000)
  const settings = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--dir', folder]
  const server = spawn('redis-server', [...settings, '--unixsocket', socket], { stdio: 'ignore' })
  const gone = new Promise<void>((resolve) => server.once('exit', () => resolve()))
  for (let tries = 0; tries < 200; tries++) {
    if ((await ask(socket, 'PING', /PONG/)) !== undefined) break
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    async scriptsRun() {
      const stats = await ask(socket, 'INFO commandstats', /cmdstat_[\s\S]*\r\n$/)
      const counts = [...(stats ?? '').matchAll(/cmdstat_eval(?:sha)?:calls=(\d+)/g)]
      return counts.reduce((sum, [, count]) => sum + Number(count), 0)
    },
    async [Symbol.asyncDispose]() {
      server.kill('SIGKILL')
      await gone
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Sends one command by the server's own socket, which no other server can have. */
function ask(socket: string, command: string, wanted: RegExp): Promise<string | undefined> {
  return new Promise((resolve) => {
    const connection = connect(socket, () => connection.write(`${command}\r\n`))
    let reply = ''
    connection.on('data', (bytes) => {
      reply += bytes.toString()
      const found = wanted.exec(reply)
      if (found === null) return
      connection.destroy()
      resolve(found[0])
    })
    connection.once('error', () => resolve(undefined))
  })
}
