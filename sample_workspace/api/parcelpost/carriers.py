"""Talking to the carriers' own systems, which are slow on Mondays and down on Sundays."""

import random
import time


class CarrierUnavailable(Exception):
    """The carrier did not answer, not even after several attempts."""


def call_with_retry(request, *, attempts=5, first_delay_s=0.2, longest_delay_s=8.0, sleep=time.sleep):
    """Send a request again until it succeeds, waiting twice as long after each failure.

    A random share of the delay keeps a thousand clients from coming back at the same moment.
    """
    delay_s = first_delay_s
    for attempt in range(1, attempts + 1):
        try:
            return request()
        except (ConnectionError, TimeoutError) as error:
            if attempt == attempts:
                raise CarrierUnavailable(f"gave up after {attempts} attempts") from error
            sleep(delay_s * random.uniform(0.5, 1.0))
            delay_s = min(delay_s * 2, longest_delay_s)


class CarrierClient:
    """One carrier's HTTP interface."""

    def __init__(self, session, base_url):
        self.session = session
        self.base_url = base_url

    def fetch_events(self, tracking_number):
        """All scans of a parcel, oldest first, as the carrier reports them."""
        answer = call_with_retry(lambda: self.session.get(f"{self.base_url}/parcels/{tracking_number}/scans"))
        return sorted(answer.json()["scans"], key=lambda scan: scan["at"])

    def book_pickup(self, address, day):
        """Ask the carrier to send somebody on a given day; returns the booking number."""
        answer = self.session.post(
            f"{self.base_url}/pickups", json={"address": address.as_dict(), "day": day.isoformat()}
        )
        answer.raise_for_status()
        return answer.json()["booking"]
