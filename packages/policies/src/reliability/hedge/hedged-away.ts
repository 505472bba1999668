/** Why a line of attempts was ended: another one of the same call was faster. */
export class HedgedAway extends Error {
  override readonly name: string = 'HedgedAway'

  constructor() {
    super('another attempt of the same call was faster')
  }
}
