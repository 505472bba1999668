import { AsyncLocalStorage } from 'node:async_hooks'
import type { AdapterHost } from 'holdfast'
import type { ShownEnvironment } from './shown-environment.ts'

/** What launches a server, as far as it is shown. */
export interface Launch extends ShownEnvironment {
  readonly command: string
  readonly args: readonly string[]
  /** Where it is started; relative paths begin there. */
  readonly cwd?: string
}

type Connect = (this: object, ...args: unknown[]) => Promise<unknown>

const connecting = new AsyncLocalStorage<Map<string, Launch>>()

/** A client may launch its server twice to connect, to find out which protocol it speaks: that is decided about once. */
export function patchConnect(exports: Readonly<Record<string, unknown>>, host: AdapterHost): void {
  host.patch<Connect>(
    host.prototypeOf(exports, 'Client'),
    'connect',
    (original) =>
      function connect(...args) {
        return connecting.run(new Map(), () => original.apply(this, args))
      },
  )
}

/** What was decided about this launch, for the client that is connecting. */
export function decidedLaunch(asked: Launch): Launch | undefined {
  return connecting.getStore()?.get(JSON.stringify(asked))
}

/** Remembers what is launched where this was asked for. */
export function rememberLaunch(asked: Launch, decided: Launch): void {
  connecting.getStore()?.set(JSON.stringify(asked), decided)
}
