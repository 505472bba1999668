import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'

// Taken now: a connection is to go on where a test has put the clock into its own hands.
const { clearTimeout, setImmediate, setTimeout } = globalThis

type Callback = (error?: Error | null) => void

/**
 * One end of a connection that does not leave the process. It has what applications use of a socket;
 * what only a real connection knows is asked of the one upstream, once there is one.
 */
export class MemorySocket extends Duplex {
  /** The connection that the request really went out on. */
  upstream: Socket | undefined
  readonly connecting = false
  readonly pending = false
  readonly encrypted: boolean
  bytesRead = 0
  bytesWritten = 0
  timeout = 0
  #peer: MemorySocket | undefined
  #peerReady: Callback | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(encrypted: boolean) {
    // Closes as a net.Socket does: by itself, a turn of the event loop later. Node counts on that order.
    super({ allowHalfOpen: true, emitClose: false })
    this.encrypted = encrypted
  }

  /** Two ends of one connection: the application's, and the one where it is answered. */
  static pair(encrypted: boolean): [application: MemorySocket, answering: MemorySocket] {
    const application = new MemorySocket(encrypted)
    const answering = new MemorySocket(encrypted)
    application.#peer = answering
    answering.#peer = application
    return [application, answering]
  }

  override _read(): void {
    const ready = this.#peerReady
    this.#peerReady = undefined
    ready?.()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, written: Callback): void {
    const peer = this.#peer
    if (peer === undefined || peer.destroyed || peer.readableEnded) return written()
    this.bytesWritten += chunk.length
    peer.bytesRead += chunk.length
    this.#active()
    peer.#active()
    if (chunk.length === 0 || peer.push(chunk)) written()
    else peer.#peerReady = written
  }

  override _final(done: Callback): void {
    if (this.#peer?.destroyed === false) this.#peer.push(null)
    done()
  }

  override _destroy(error: Error | null, done: Callback): void {
    clearTimeout(this.#timer)
    const ready = this.#peerReady
    this.#peerReady = undefined
    ready?.()
    const peer = this.#peer
    if (peer?.destroyed === false) process.nextTick(() => peer.destroy())
    done(error)
    setImmediate(() => this.emit('close', error !== null))
  }

  setTimeout(timeoutMs: number, listener?: () => void): this {
    clearTimeout(this.#timer)
    this.timeout = timeoutMs
    if (timeoutMs > 0) {
      if (listener !== undefined) this.once('timeout', listener)
      this.#timer = setTimeout(() => this.emit('timeout'), timeoutMs).unref()
    } else {
      this.#timer = undefined
      if (listener !== undefined) this.removeListener('timeout', listener)
    }
    return this
  }

  #active(): void {
    this.#timer?.refresh()
  }

  get readyState(): string {
    return this.destroyed ? 'closed' : 'open'
  }
  get authorized(): boolean {
    return this.#tls?.authorized ?? this.encrypted
  }
  get alpnProtocol(): string | false | null {
    return this.#tls?.alpnProtocol ?? false
  }
  get remoteAddress(): string | undefined {
    return this.upstream?.remoteAddress
  }
  get remoteFamily(): string | undefined {
    return this.upstream?.remoteFamily
  }
  get remotePort(): number | undefined {
    return this.upstream?.remotePort
  }
  get localAddress(): string | undefined {
    return this.upstream?.localAddress
  }
  get localPort(): number | undefined {
    return this.upstream?.localPort
  }
  get #tls(): TLSSocket | undefined {
    return this.encrypted ? (this.upstream as TLSSocket | undefined) : undefined
  }
  address(): object {
    return this.upstream?.address() ?? {}
  }
  getPeerCertificate(detailed?: boolean): object {
    return this.#tls?.getPeerCertificate(detailed === true) ?? {}
  }
  getCipher(): object {
    return this.#tls?.getCipher() ?? {}
  }
  getProtocol(): string | null {
    return this.#tls?.getProtocol() ?? null
  }
  setNoDelay(): this {
    return this
  }
  setKeepAlive(): this {
    return this
  }
  ref(): this {
    this.upstream?.ref()
    return this
  }
  unref(): this {
    this.upstream?.unref()
    return this
  }
  destroySoon(): void {
    if (this.writable) this.end()
    if (this.writableFinished) this.destroy()
    else this.once('finish', () => this.destroy())
  }
}
