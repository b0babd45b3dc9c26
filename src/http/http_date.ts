// HTTP dates come in three forms, two of them obsolete but still to be understood
// (RFC 9110 section 5.6.7). Date.parse takes far more than these and guesses at time zones.

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAY = "(?:mon|tue|wed|thu|fri|sat|sun)";
const LONG_DAY = "(?:mon|tues|wednes|thurs|fri|satur|sun)day";
const MONTH = `(?<month>${MONTHS.join("|")})`;
const TIME = "(?<hour>\\d\\d):(?<minute>\\d\\d):(?<second>\\d\\d)";

// RFC 9111 section 4.2: a cache compares without regard to case and takes GMT or UTC, nothing else.
const FORMS = [
  `${DAY}, (?<day>\\d\\d) ${MONTH} (?<year>\\d{4}) ${TIME} (?:gmt|utc)`,
  `${LONG_DAY}, (?<day>\\d\\d)-${MONTH}-(?<year>\\d\\d) ${TIME} (?:gmt|utc)`,
  `${DAY} ${MONTH} (?<day>[ \\d]\\d) ${TIME} (?<year>\\d{4})`,
].map((form) => new RegExp(`^${form}$`, "i"));

/**
 * Parses an HTTP-date into milliseconds since the epoch; `undefined` if it is none.
 * `now` (ms) decides the century of a two-digit year.
 */
export function parseHttpDate(value: string | undefined, now: number): number | undefined {
  if (value === undefined || value.length > 40) return undefined;
  for (const form of FORMS) {
    const parts = form.exec(value.trim())?.groups;
    if (parts !== undefined) return toTime(parts, now);
  }
  return undefined;
}

/** Formats milliseconds since the epoch as an IMF-fixdate, rounded down to the second. */
export function formatHttpDate(time: number): string {
  return new Date(time).toUTCString();
}

function toTime(parts: Record<string, string | undefined>, now: number): number | undefined {
  const [day, hour, minute, second] = [parts.day, parts.hour, parts.minute, parts.second]
    .map(Number) as [number, number, number, number];
  const month = MONTHS.indexOf(parts.month?.toLowerCase() ?? "");
  // Second 60 is a leap second, which the grammar allows.
  if (hour > 23 || minute > 59 || second > 60) return undefined;

  let year = Number(parts.year);
  if (parts.year?.length === 2) {
    // More than 50 years ahead means the last year in the past with those digits.
    const thisYear = new Date(now).getUTCFullYear();
    year += Math.floor(thisYear / 100) * 100;
    if (year > thisYear + 50) year -= 100;
  }
  // setUTCFullYear takes years below 100 as they are, which Date.UTC does not.
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  if (date.getUTCMonth() !== month || date.getUTCDate() !== day) return undefined;
  return date.setUTCHours(hour, minute, second);
}
