"""The parcel API."""
