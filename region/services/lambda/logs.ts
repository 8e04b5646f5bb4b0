/**
 * What functions wrote, line by line.
 * Not for: CloudWatch Logs; the region keeps the lines only for those who watch it.
 */

/** Lines kept of each function; the oldest go first. */
const LINES_PER_FUNCTION = 2000;

/** Bytes at the end of an invocation's log that a caller may ask for. @source Invoke, LogResult */
const TAIL_BYTES = 4096;

/** One line of output, of the function or of Lambda about it. */
export interface LogLine {
  /** Region time, epoch milliseconds. */
  readonly at: number;
  readonly functionName: string;
  /** The invocation that wrote it; absent for lines that were written while loading. */
  readonly requestId?: string;
  readonly text: string;
}

/** Starts without any line. */
export function createFunctionLogs(now: () => number) {
  const kept = new Map<string, LogLine[]>();
  const listeners = new Set<(line: LogLine) => void>();

  const append = (functionName: string, output: string, requestId?: string): void => {
    const lines = kept.get(functionName) ?? [];
    kept.set(functionName, lines);
    for (const text of output.replace(/\n$/, '').split('\n')) {
      const line = {
        at: now(),
        functionName,
        text,
        ...(requestId !== undefined && { requestId }),
      };
      lines.push(line);
      for (const listener of listeners) listener(line);
    }
    lines.splice(0, lines.length - LINES_PER_FUNCTION);
  };

  const linesOf = (functionName: string): readonly LogLine[] => [...(kept.get(functionName) ?? [])];

  /** The end of one invocation's log in base64, framed as Lambda frames it. */
  const tail = (functionName: string, requestId: string): string => {
    const own = linesOf(functionName).filter((line) => line.requestId === requestId);
    const text = [
      `START RequestId: ${requestId} Version: $LATEST`,
      ...own.map((line) => line.text),
      `END RequestId: ${requestId}`,
      '',
    ].join('\n');
    return Buffer.from(text).subarray(-TAIL_BYTES).toString('base64');
  };

  const subscribe = (listener: (line: LogLine) => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };

  return { append, linesOf, tail, subscribe };
}

/** The latest lines of each function, and those who listen to them. */
export type FunctionLogs = ReturnType<typeof createFunctionLogs>;
