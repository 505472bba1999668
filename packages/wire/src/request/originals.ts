/**
 * Remembers what each piece of a request was read from. A piece that nobody changed is the same object when it is
 * written, and goes out as it came: unknown members, order and all.
 */
export class Originals {
  /** The piece, remembered. */
  keep<Piece extends object>(piece: Piece, original: unknown): Piece {
    Kept.keep(piece, this, original)
    return piece
  }

  /** What the piece was read from; undefined for one that was made or changed since, or read by another format. */
  of(piece: object): unknown {
    return Kept.of(piece, this)
  }
}

/** Makes nothing: a class that is derived from it adds its private fields to the object that is given. */
const Given = function (piece: object) {
  return piece
} as unknown as new (piece: object) => object

/**
 * Private fields of the piece itself: nobody sees them and no copy has them. A WeakMap would do the same, but the
 * garbage collector takes longer over its entries than reading the request takes.
 */
class Kept extends Given {
  #by: Originals
  #original: unknown

  private constructor(piece: object, by: Originals, original: unknown) {
    super(piece)
    this.#by = by
    this.#original = original
  }

  static keep(piece: object, by: Originals, original: unknown): object {
    if (!(#by in piece)) return new Kept(piece, by, original)
    piece.#by = by
    piece.#original = original
    return piece
  }

  static of(piece: object, by: Originals): unknown {
    return #by in piece && piece.#by === by ? piece.#original : undefined
  }
}
