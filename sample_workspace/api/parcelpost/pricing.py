"""What sending a parcel costs."""

ZONES = {"local": 100, "domestic": 140, "neighbour": 260, "world": 520}
SURCHARGE_PER_KG = 45


def volumetric_weight_g(length_cm, width_cm, height_cm):
    """A big light box takes the room of a heavy one: 5,000 cubic centimetres count as a kilogram."""
    return length_cm * width_cm * height_cm * 1000 // 5000


def quote_cents(weight_g, dimensions_cm, zone, *, insured_cents=0):
    """The price in cents: zone, the heavier of real and volumetric weight, and one percent for insurance."""
    if zone not in ZONES:
        raise ValueError(f"unknown zone {zone!r}")
    charged_g = max(weight_g, volumetric_weight_g(*dimensions_cm))
    kilograms = -(-charged_g // 1000)
    return 290 + ZONES[zone] + kilograms * SURCHARGE_PER_KG + insured_cents // 100


def apply_coupon(price_cents, coupon, today):
    """Take a discount off, unless the coupon has run out or is for somebody who spends more."""
    if today > coupon.valid_until or price_cents < coupon.least_cents:
        return price_cents
    return max(0, price_cents - price_cents * coupon.percent // 100)
