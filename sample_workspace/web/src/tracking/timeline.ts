export interface Scan {
  place: string;
  at: string;
  status: "accepted" | "in-transit" | "out-for-delivery" | "delivered";
}

export interface Day {
  date: string;
  scans: Scan[];
}

/** Groups scans by calendar day, newest day first, for the list under the map. */
export function groupByDay(scans: Scan[]): Day[] {
  const days = new Map<string, Scan[]>();
  for (const scan of [...scans].sort((a, b) => b.at.localeCompare(a.at))) {
    const date = scan.at.slice(0, 10);
    days.set(date, [...(days.get(date) ?? []), scan]);
  }
  return [...days].map(([date, list]) => ({ date, scans: list }));
}

/** How far along a parcel is, from 0 to 1, for the bar at the top. */
export function progressOf(scans: Scan[]): number {
  const steps = ["accepted", "in-transit", "out-for-delivery", "delivered"];
  return Math.max(0, ...scans.map((scan) => (steps.indexOf(scan.status) + 1) / steps.length));
}
