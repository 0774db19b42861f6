import type { Second, StreamEnd, TickMessage } from '../protocol.ts';
import { byId } from './by-id.ts';
import { ConnectionHistory } from './connection-history.ts';
import { CountBars } from './count-bars.ts';
import { wallClock } from './format.ts';
import { FrameDetail } from './frame-detail.ts';
import { FrameTable } from './frame-table.ts';
import { latencyPlot } from './latency-plot.ts';
import { listenToMessages } from './live-messages.ts';
import { ratePlots } from './rate-plots.ts';
import { SHOWN_SECONDS } from './time-plot.ts';
import { showTotals } from './totals-line.ts';

const history = new ConnectionHistory();
const detail: FrameDetail = new FrameDetail(() => table.closed());
const table: FrameTable = new FrameTable((number) => void detail.open(number));
const reasons = new CountBars('reasons', 'Nothing was rejected.', (name) => table.filterBy(`reason:${quoted(name)}`));
const types = new CountBars('types', 'No type yet.', (name) => table.filterBy(`type:${quoted(name)}`));
const plots = [...ratePlots(), latencyPlot()];
let seconds: Second[] = [];
let end: StreamEnd | null = null;

function take({ totals, rows, seconds: newSeconds, states, end: newEnd }: TickMessage): void {
  end = newEnd;
  showTotals(totals);
  reasons.show(totals.byReason);
  types.show(totals.byType);
  table.add(rows, totals.frames);
  history.add(states);
  if (newSeconds.length > 0) {
    seconds = [...seconds, ...newSeconds].slice(-SHOWN_SECONDS);
    for (const plot of plots) plot.show(seconds);
  }
  const last = Math.max(seconds.at(-1)?.time ?? 0, states.at(-1)?.time ?? 0);
  if (states.length > 0 || newSeconds.length > 0) history.tell(last);
  if (end === null) tellLink('live', 'live');
  else tellLink(end.kind, endInWords(end));
}

function endInWords(streamEnd: StreamEnd): string {
  const time = wallClock(new Date(streamEnd.time));
  return streamEnd.kind === 'completed'
    ? `stream completed ${time}`
    : `stream failed ${time}: ${streamEnd.cause.message}`;
}

function tellLink(link: string, text: string): void {
  const place = byId('link');
  // Only what is new is read out.
  if (place.textContent === text) return;
  place.dataset['link'] = link;
  place.textContent = text;
  place.title = text;
}

function quoted(name: string): string {
  return /\s/.test(name) ? `"${name}"` : name;
}

listenToMessages({
  full: (message) => {
    seconds = [];
    history.clear();
    table.clear();
    take(message);
  },
  tick: take,
  closed: ({ time }) => {
    history.tell(time);
    tellLink('ended', end === null ? `ended ${wallClock(new Date(time))}` : `${endInWords(end)}, ended`);
  },
  lost: (isFinal) => {
    if (isFinal) tellLink('gone', 'this address is not known any more');
    else tellLink('lost', 'disconnected, trying again');
  },
});

document.addEventListener('keydown', (event) => {
  const isTyping = event.target instanceof HTMLInputElement;
  if (event.key === '/' && !isTyping) {
    event.preventDefault();
    table.focusFilter();
  } else if (event.key === 'Escape' && !isTyping) {
    if (detail.isOpen) detail.close();
    else table.release();
  }
});
