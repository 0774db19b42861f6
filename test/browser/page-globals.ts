import * as rxjs from 'rxjs';
import * as rxframe from 'rxframe';
import * as genesys from 'rxframe/genesys';
import * as operators from 'rxframe/operators';

/** How a stream ended, in a form that can leave the page. Errors are known by `code`: class names don't survive minifying. */
export type StreamEnd =
  | { readonly kind: 'complete' }
  | {
      readonly kind: 'error';
      readonly code: string | undefined;
      readonly closeCode: number | undefined;
      readonly message: string;
      readonly failureClass: string;
    };

/** Runs a stream to its end, and tells what came and how it ended. */
function record<T, Shown>(
  source: rxjs.Observable<T>,
  show: (value: T) => Shown,
): Promise<{ readonly values: Shown[]; readonly end: StreamEnd }> {
  return new Promise((resolve) => {
    const values: Shown[] = [];
    source.subscribe({
      next: (value) => values.push(show(value)),
      error: (error: unknown) => {
        const { code, closeCode, message } = error as Error & { readonly code?: string; readonly closeCode?: number };
        resolve({
          values,
          end: { kind: 'error', code, closeCode, message, failureClass: rxframe.failureClass(error) },
        });
      },
      complete: () => resolve({ values, end: { kind: 'complete' } }),
    });
  });
}

const globals = { rxjs, rxframe, genesys, operators, record };

/** What the tests' functions find in the page, and in a worker: the built package, bundled as an application would. */
export type PageGlobals = typeof globals;

Object.assign(globalThis, globals);
