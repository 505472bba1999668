// Prints, as JSON, what becomes of a process that is captured: by two copies of the package, early and lazily, with a
// bundled undici in it, and at its end.
//   node life.ts copies|lazy|bundled|exit
import { once } from 'node:events'
import http from 'node:http'
import { registerHooks } from 'node:module'
import type { AddressInfo } from 'node:net'
import * as first from '@holdfast/capture'
import type { HttpHandler } from '@holdfast/core'
import { importClient } from './client-packages.ts'

const scene = process.argv[2]
const fetchTakenEarly = globalThis.fetch
const server = http.createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1')
await once(server, 'listening')
const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
const seen: string[] = []
const handler = (name: string): HttpHandler => ({
  claims: (_, url) => url.startsWith(base),
  handle(request, transport) {
    seen.push(`${name} ${request.layer}`)
    return transport(request)
  },
})
interface UndiciPackage {
  request(
    url: string,
    options?: object,
  ): Promise<{ statusCode: number; body: { text(): Promise<string> } }>
  Agent: new () => { destroy(): Promise<void> }
}
const viaHttp = (): Promise<void> =>
  new Promise((resolve) => {
    http.get(base, (response) => {
      response.resume()
      response.on('end', () => resolve())
    })
  })
const viaUndici = async (major: number): Promise<void> => {
  const { body } = await (await importClient<UndiciPackage>(`undici${major}`)).request(base)
  await body.text()
}
const callAll = async (): Promise<string[]> => {
  seen.length = 0
  await (await fetch(base)).text()
  await (await fetchTakenEarly(base)).text()
  await viaHttp()
  await viaUndici(8)
  return [...seen]
}

const scenes: Record<string, () => Promise<unknown>> = {
  /** Two installations of the package, each with everything of its own. */
  async copies() {
    registerHooks({
      resolve(specifier, context, next) {
        const resolved = next(specifier, context)
        const inCopy = specifier.endsWith('?copy') || context.parentURL?.endsWith('?copy') === true
        if (!inCopy || !resolved.url.startsWith('file:') || resolved.url.endsWith('?copy'))
          return resolved
        return { ...resolved, url: `${resolved.url}?copy` }
      },
    })
    const url = `${import.meta.resolve('@holdfast/capture')}?copy`
    const second = (await import(url)) as typeof first
    const one = first.capture(handler('first'))
    const both = second.capture(handler('second'))
    const together = await callAll()
    both.release()
    const alone = await callAll()
    one.release()
    return [second.capture !== first.capture, together, alone, await callAll()]
  },
  /** As under --import: Node's own undici is not loaded before somebody needs it. */
  async lazy() {
    const one = first.capture(handler('first'), { eager: false })
    await (await fetch(base)).text()
    const caught = [...seen, ...(await callAll())]
    one.release()
    return caught
  },
  /** Dispatchers whose classes nobody can reach are at least reported. */
  async bundled() {
    // A copy that was in the process before, and that no cache and no global names, as in a bundle.
    const undici = await importClient<UndiciPackage>('undici7')
    const { createRequire } = await import('node:module')
    const { cache } = createRequire(import.meta.url)
    for (const file of Object.keys(cache)) if (file.includes('undici')) delete cache[file]
    const passing: unknown[] = []
    const agent = new undici.Agent()
    const one = first.capture(handler('first'), { onPassing: ({ layer }) => passing.push(layer) })
    await (await undici.request(`${base}/x?secret`, { dispatcher: agent })).body.text()
    const { passing: reported } = one.report()
    await agent.destroy()
    return [seen, passing, reported.map(({ url }) => url.replace(base, ''))]
  },
  /** Nothing of a capture keeps the process alive. */
  async exit() {
    first.capture(handler('first'))
    await callAll()
    server.close()
    server.closeAllConnections()
    return 'ends by itself'
  },
}
console.log(JSON.stringify(await scenes[scene ?? '']?.()))
if (scene !== 'exit') process.exit(0)
