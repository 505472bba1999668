/**
 * Remembers what each piece of a request was read from. A piece that nobody changed is the same object when it is
 * written, and goes out as it came: unknown members, order and all.
 */
export class Originals {
  readonly #byPiece = new WeakMap<object, unknown>()

  /** The piece, remembered. */
  keep<Piece extends object>(piece: Piece, original: unknown): Piece {
    this.#byPiece.set(piece, original)
    return piece
  }

  /** What the piece was read from; undefined for one that was made or changed since. */
  of(piece: object): unknown {
    return this.#byPiece.get(piece)
  }
}
