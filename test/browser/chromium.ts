import { execFileSync } from 'node:child_process';
import { chromium, type Browser } from 'playwright-core';

/** Starts the Chromium that is installed on this machine. */
export function startChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: installedChromium(),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

function installedChromium(): string {
  try {
    return execFileSync('sh', ['-c', 'command -v chromium'], { encoding: 'utf8' }).trim();
  } catch {
    throw new Error(
      'These tests need a program named chromium on the PATH, such as Debian has it: apt-get install chromium',
    );
  }
}
