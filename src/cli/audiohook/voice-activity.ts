import { SAMPLE_RATE } from '../../genesys/audiohook/media.ts';

/** An utterance, or what was heard of it: a piece of one channel, in samples. */
export interface Utterance {
  /** Where its first sample is in the stream. */
  readonly position: number;
  /** How long it lasts in the stream, audio that never came included. */
  readonly samples: number;
}

/** How many samples are judged together: 100 ms. */
const WINDOW = SAMPLE_RATE / 10;
/** So many loud windows in a row begin an utterance, of which the first is the first. */
const BEGIN_WINDOWS = 2;
/** So many quiet windows in a row end it. */
const END_WINDOWS = 4;
/** An utterance does not go on behind more missing samples than this: 1 s. */
const LONGEST_GAP = SAMPLE_RATE;
/**
 * A window is loud from this mean amplitude on, of 32,768: -37 dB. Half-way, as the ear has it, between the loudest quiet window
 * and the quietest loud one (270 and 740) of the recording that the platform's reference server is tested with.
 */
const LOUD = 450;

/**
 * **Tells when somebody speaks on one channel**, by how loud it is. Knows nothing of voices: a tone, or noise, counts as well.
 * However the audio is cut, the utterances are the same.
 *
 * Where the position jumps ahead, audio is missing. That is not silence: an utterance goes on behind it, unless more than 1 s is missing. Audio
 * before a jump that is less than a window is left out.
 */
export class VoiceActivity {
  /** Where the next sample is, if none is missing. */
  #next = 0;
  /** The window that is not whole yet. */
  #count = 0;
  #sum = 0;
  /** The utterance, or what may become one. */
  #begin = 0;
  #end = 0;
  #loudWindows = 0;
  #quietWindows = 0;

  /**
   * Takes audio, and gives the utterances that have ended with it.
   *
   * @param samples - linear, {@link SAMPLE_RATE} of them a second
   * @param position - of the first of them in the stream. Never goes back
   */
  hear(samples: Int16Array, position: number): readonly Utterance[] {
    const missing = position - this.#next;
    if (missing !== 0) this.#beginWindow();
    const ended = missing > LONGEST_GAP ? [...this.end()] : [];
    this.#next = position;
    for (const sample of samples) {
      this.#sum += Math.abs(sample);
      this.#count += 1;
      this.#next += 1;
      if (this.#count === WINDOW) ended.push(...this.#judgeWindow());
    }
    return ended;
  }

  /** Gives the utterance that is under way, where one is, up to its last loud window. What comes next does not belong to it. */
  end(): readonly Utterance[] {
    const isUtterance = this.#loudWindows >= BEGIN_WINDOWS;
    this.#beginWindow();
    this.#loudWindows = 0;
    return isUtterance ? [{ position: this.#begin, samples: this.#end - this.#begin }] : [];
  }

  #beginWindow(): void {
    this.#count = 0;
    this.#sum = 0;
  }

  /** Takes the window that is whole now, and gives the utterance that it ends. */
  #judgeWindow(): readonly Utterance[] {
    const isLoud = this.#sum >= LOUD * WINDOW;
    this.#beginWindow();
    if (isLoud) {
      if (this.#loudWindows === 0) this.#begin = this.#next - WINDOW;
      this.#end = this.#next;
      this.#loudWindows += 1;
      this.#quietWindows = 0;
      return [];
    }
    this.#quietWindows += 1;
    return this.#loudWindows < BEGIN_WINDOWS || this.#quietWindows === END_WINDOWS ? this.end() : [];
  }
}
