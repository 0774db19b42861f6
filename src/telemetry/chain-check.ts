import { hash } from 'node:crypto';
import type { TornEnd } from './chain-end.ts';
import { linkOf, NO_RECORD, type Link } from './hash-chain.ts';

/** Most faults that are listed; all are counted. */
const MOST_FAULTS = 100;
/** Most runs of missing records that are remembered, to see whether they stand elsewhere. */
const MOST_GAPS = 1_000;
const LEVEL_ERROR = '{"level":50,';

/**
 * What is wrong at a place of an audit log:
 * - `changed`: a line is no record of the chain, or another one than was written;
 * - `missing`: records that should stand before the line are nowhere;
 * - `reordered`: a record stands behind one that was written after it;
 * - `repeated`: records stand there a second time;
 * - `restarted`: another chain begins;
 * - `truncated`: the last line is unfinished;
 * - `unanchored`: no record has the expected hash.
 */
export type AuditFaultKind =
  'changed' | 'missing' | 'reordered' | 'repeated' | 'restarted' | 'truncated' | 'unanchored';

/** A place in an audit log. */
export interface AuditPlace {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** Where the line begins, in bytes from the start of the file. */
  readonly offset: number;
}

/** What is wrong, and where. */
export interface AuditFault extends AuditPlace {
  readonly kind: AuditFaultKind;
  /** The fault in words. */
  readonly message: string;
}

/** An unfinished line, as a killed process leaves it. The record after it vouches for it, so it is no fault. */
export interface TornLine extends AuditPlace {
  readonly byteLength: number;
}

/** A place in all files together, too. */
interface Place extends AuditPlace {
  readonly at: number;
}

/** Records that are not there, as far as is known. */
interface Gap {
  readonly from: number;
  readonly to: number;
  readonly place: Place;
}

/** Lines that are no records, one after the other. */
interface Fragment {
  readonly place: Place;
  readonly lines: number;
  /** The last of them, which the next record may vouch for. */
  readonly last: TornLine;
  readonly sha256: string;
}

/** Records that stand there again, one after the other. */
interface Repeat {
  readonly from: number;
  readonly to: number;
  readonly place: Place;
}

/** What a log came to. */
export type ChainFindings = Pick<
  ChainCheck,
  'records' | 'firstSeq' | 'lastSeq' | 'lastHash' | 'lost' | 'torn' | 'hasLinks'
> & { readonly faults: readonly AuditFault[]; readonly faultCount: number };

/** **Follows a chain line by line**, and finds where it is broken. Goes on after a fault. */
export class ChainCheck {
  records = 0;
  /** The numbers of the first record and of the last. */
  firstSeq: number | undefined;
  lastSeq: number | undefined;
  lastHash = NO_RECORD;
  /** How many records the log itself says were lost. */
  lost = 0;
  readonly torn: TornLine[] = [];
  /** Whether any line was linked. */
  hasLinks = false;
  readonly #expect: string | undefined;
  readonly #faults: { readonly fault: AuditFault; readonly at: number }[] = [];
  #faultCount = 0;
  #gaps: Gap[] = [];
  #repeat: Repeat | undefined;
  /** The number that comes next; undefined before the first record, where that may have any. */
  #next: number | undefined;
  #firstHash = '';
  #isExpectedThere = false;
  /** Lines since the last record that stand where records stood, as it seems. */
  #changedLines = 0;
  #fragment: Fragment | undefined;
  /** Where the last record stands, and the line that is looked at. */
  #before: Place | undefined;
  #file = '';
  #line = 0;
  #offset = 0;
  #nextOffset = 0;
  /** Of all files before. */
  #bytesBefore = 0;

  /**
   * @param expect - the hash of a record that has to be there
   * @param isPart - whether the records before the first one may be missing
   */
  constructor(expect: string | undefined, isPart: boolean) {
    this.#expect = expect;
    this.#next = isPart ? undefined : 1;
  }

  /** What follows is of this file. */
  begin(file: string): void {
    this.#bytesBefore += this.#nextOffset;
    this.#file = file;
    this.#line = 0;
    this.#nextOffset = 0;
  }

  /** Looks at the next line, given without its newline. */
  take(line: Buffer, isEnded: boolean): void {
    this.#line += 1;
    this.#offset = this.#nextOffset;
    this.#nextOffset += line.length + 1;
    const link = linkOf(line);
    this.hasLinks ||= link !== undefined;
    if (link === undefined) {
      if (isEnded) this.#addFragment(line);
      else this.#tornEnd(line.length);
    } else if (link.hash !== link.actual) {
      this.#foreignFragment();
      this.#changedLines += 1;
      this.#report('changed', `record ${link.seq} was changed: its content does not have its hash`);
    } else {
      this.#fragmentBefore(line);
      this.#record(link);
      if (!isEnded) this.#report('truncated', `the newline after record ${link.seq} is missing`);
    }
  }

  /** What was found, at the end of the last file. */
  findings(): ChainFindings {
    this.#foreignFragment();
    this.#endRepeat();
    for (const { from, to, place } of this.#gaps) this.#report('missing', missing(from, to), place);
    if (this.#expect !== undefined && !this.#isExpectedThere) {
      const last = this.lastSeq === undefined ? 'there is no record' : `the last one is record ${this.lastSeq}`;
      this.#report('unanchored', `no record has the expected hash ${this.#expect}; ${last}`);
    }
    const { records, firstSeq, lastSeq, lastHash, lost, torn, hasLinks } = this;
    return {
      ...{ records, firstSeq, lastSeq, lastHash, lost, torn, hasLinks },
      faults: this.#faults.sort((one, other) => one.at - other.at).map(({ fault }) => fault),
      faultCount: this.#faultCount,
    };
  }

  #place(): Place {
    return { file: this.#file, line: this.#line, offset: this.#offset, at: this.#bytesBefore + this.#offset };
  }

  #report(kind: AuditFaultKind, message: string, place = this.#place()): void {
    this.#endRepeat();
    this.#faultCount += 1;
    const { file, line, offset, at } = place;
    if (this.#faults.length < MOST_FAULTS) this.#faults.push({ fault: { kind, file, line, offset, message }, at });
  }

  #record(link: Link): void {
    this.records += 1;
    if (link.hash === this.#expect) this.#isExpectedThere = true;
    const next = this.#next ?? link.seq;
    if (link.seq < next) {
      this.#outOfOrder(link);
      return;
    }
    const from = next + this.#changedLines;
    if (link.seq > from) {
      this.#addGap({ from, to: link.seq - 1, place: this.#place() });
    } else if (this.#changedLines === 0 && this.#next !== undefined && link.prev !== this.lastHash) {
      this.#report('changed', replaced(link), this.#before);
    }
    this.#follow(link);
  }

  #follow(link: Link): void {
    this.#endRepeat();
    const { seq } = link;
    if (this.firstSeq === undefined) {
      this.firstSeq = seq;
      this.#firstHash = link.hash;
    }
    this.lastSeq = seq;
    this.lastHash = link.hash;
    this.#next = seq + 1;
    this.#changedLines = 0;
    this.#before = this.#place();
  }

  #outOfOrder(link: Link): void {
    const { seq } = link;
    const at = this.#gaps.findIndex(({ from, to }) => from <= seq && seq <= to);
    const gap = this.#gaps[at];
    if (gap !== undefined) {
      const rest = [
        { ...gap, to: seq - 1 },
        { ...gap, from: seq + 1 },
      ];
      this.#gaps.splice(at, 1, ...rest.filter(({ from, to }) => from <= to));
      this.#report('reordered', `record ${seq} stands behind record ${this.lastSeq ?? 0}`);
    } else if (seq === 1 && link.prev === NO_RECORD && link.hash !== this.#firstHash) {
      this.#report('restarted', `another chain begins, behind record ${this.lastSeq ?? 0}`);
      this.#follow(link);
    } else {
      if (seq - 1 !== this.#repeat?.to) this.#endRepeat();
      const { from, place } = this.#repeat ?? { from: seq, place: this.#place() };
      this.#repeat = { from, to: seq, place };
    }
  }

  #endRepeat(): void {
    if (this.#repeat === undefined) return;
    const { from, to, place } = this.#repeat;
    this.#repeat = undefined;
    const records = from === to ? `record ${from} stands` : `records ${from} to ${to} stand`;
    this.#report('repeated', `${records} here again, behind record ${this.lastSeq ?? 0}`, place);
  }

  #addGap(gap: Gap): void {
    if (this.#gaps.length < MOST_GAPS) this.#gaps.push(gap);
    else this.#report('missing', missing(gap.from, gap.to), gap.place);
  }

  #addFragment(line: Buffer): void {
    const here = this.#place();
    const { place, lines } = this.#fragment ?? { place: here, lines: 0 };
    const { file, line: number, offset } = here;
    const last = { file, line: number, offset, byteLength: line.length };
    this.#fragment = { place, lines: lines + 1, last, sha256: hash('sha256', line, 'hex') };
  }

  /** What is no record, and no record vouches for. */
  #foreignFragment(): void {
    if (this.#fragment === undefined) return;
    const { place, lines } = this.#fragment;
    this.#fragment = undefined;
    this.#changedLines += lines;
    const told = lines === 1 ? 'a line that is no record' : `${lines} lines, from this one on, that are no records`;
    this.#report('changed', `${told} of the chain`, place);
  }

  #tornEnd(byteLength: number): void {
    this.#foreignFragment();
    this.#report('truncated', `the last line is unfinished: it ends after ${byteLength} bytes`);
  }

  /** A record says what unfinished line its process has found before it. Whole lines before that one, it does not vouch for. */
  #fragmentBefore(line: Buffer): void {
    const told = this.#toldBy(line);
    const fragment = this.#fragment;
    if (told !== undefined && told.sha256 === fragment?.sha256) {
      if (this.torn.length < MOST_FAULTS) this.torn.push(fragment.last);
      this.#fragment = fragment.lines > 1 ? { ...fragment, lines: fragment.lines - 1 } : undefined;
      this.#foreignFragment();
      return;
    }
    this.#foreignFragment();
    if (told !== undefined && fragment === undefined && this.#changedLines === 0) {
      this.#report(
        'missing',
        `the unfinished line of ${told.byteLength} bytes that the next record tells of is missing`,
      );
    }
  }

  /** Reads what a record says of the log itself: what was lost, what was unfinished. */
  #toldBy(line: Buffer): TornEnd | undefined {
    if (line.toString('latin1', 0, LEVEL_ERROR.length) !== LEVEL_ERROR) return undefined;
    const { lost, torn } = parsed(line.toString());
    if (isCount(lost)) this.lost += lost;
    return isTornEnd(torn) ? torn : undefined;
  }
}

/** Whoever can write to the file can give any line its hash. */
function parsed(line: string): { readonly lost?: unknown; readonly torn?: unknown } {
  try {
    return JSON.parse(line) as { readonly torn?: unknown };
  } catch {
    return {};
  }
}

function isTornEnd(torn: unknown): torn is TornEnd {
  return typeof torn === 'object' && torn !== null && 'byteLength' in torn && isCount(torn.byteLength);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function missing(from: number, to: number): string {
  return from === to
    ? `record ${from} is missing before this line`
    : `records ${from} to ${to} are missing before this line`;
}

function replaced({ seq, prev }: Link): string {
  return `record ${seq - 1} was replaced: record ${seq} is linked to one with the hash ${prev}`;
}
