-- One row for every box that was handed in.
CREATE TABLE parcels (
    tracking_number TEXT PRIMARY KEY,
    recipient TEXT NOT NULL,
    promised_for TEXT NOT NULL,
    delivered_at TEXT
);

-- Where a parcel was seen, and when.
CREATE TABLE scans (
    tracking_number TEXT NOT NULL REFERENCES parcels (tracking_number),
    place TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (tracking_number, place, at)
);
