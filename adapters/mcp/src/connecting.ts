import { AsyncLocalStorage } from 'node:async_hooks'
import type { AdapterHost } from 'holdfast'

/** What launches a server. */
export interface Launch {
  readonly command: string
  readonly args: readonly string[]
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
  return connecting.getStore()?.get(keyOf(asked))
}

/** Remembers what is launched where this was asked for. */
export function rememberLaunch(asked: Launch, decided: Launch): void {
  connecting.getStore()?.set(keyOf(asked), decided)
}

function keyOf({ command, args }: Launch): string {
  return JSON.stringify([command, args])
}
