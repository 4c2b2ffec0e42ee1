"""From a postal address to a point on the map, with as few paid look-ups as possible."""

import collections


class GeocoderCache:
    """Remembers where addresses are and drops the ones that nobody asked for lately."""

    def __init__(self, lookup, capacity=10_000):
        self._lookup = lookup
        self._capacity = capacity
        self._known = collections.OrderedDict()

    def locate(self, address):
        """Latitude and longitude of an address; a repeated question costs nothing."""
        key = normalise_address(address)
        if key in self._known:
            self._known.move_to_end(key)
            return self._known[key]
        point = self._lookup(key)
        self._known[key] = point
        if len(self._known) > self._capacity:
            self._known.popitem(last=False)
        return point


def normalise_address(address):
    """One spelling for one place: lower case, no double spaces, "street" and "st." alike."""
    words = address.lower().replace(",", " ").split()
    return " ".join({"st.": "street", "rd.": "road", "ave.": "avenue"}.get(word, word) for word in words)
