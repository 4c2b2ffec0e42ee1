/** "3 minutes ago", "yesterday": a moment as people say it. */
export function relativeTime(then: Date, now: Date, locale = "en"): string {
  const words = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const minutes = Math.round((then.getTime() - now.getTime()) / 60_000);
  if (Math.abs(minutes) < 60) return words.format(minutes, "minute");
  const hours = Math.round(minutes / 60);
  return Math.abs(hours) < 24 ? words.format(hours, "hour") : words.format(Math.round(hours / 24), "day");
}

/** Cents as money in the reader's own notation. */
export function formatMoney(cents: number, currency = "EUR", locale = "en"): string {
  return new Intl.NumberFormat(locale, { style: "currency", currency }).format(cents / 100);
}
