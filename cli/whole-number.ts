/** A whole number as an option takes it. */
import { InvalidArgumentError } from 'commander';

/** Reads a whole number of a range. @throws InvalidArgumentError for anything else */
export function wholeNumber(minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
    if (Number.isNaN(value) || value < minimum || value > maximum) {
      throw new InvalidArgumentError(`It takes a whole number from ${minimum} to ${maximum}.`);
    }
    return value;
  };
}
