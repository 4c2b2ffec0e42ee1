"""Shipping labels: what is printed and stuck on the box."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Label:
    """The fields of a label, in the order in which they are printed."""

    recipient: str
    street: str
    city: str
    tracking_number: str
    weight_g: int


def check_digit(digits):
    """Modulo-10 check digit with weights 3 and 1, so that a mistyped number is noticed."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return (10 - total % 10) % 10


def new_tracking_number(depot, serial):
    """Depot, serial number and check digit, twelve digits in all."""
    digits = f"{depot:03d}{serial:08d}"
    return digits + str(check_digit(digits))


def render_label_pdf(label, canvas):
    """Draw a label on an A6 page with the barcode at the bottom."""
    canvas.set_page_size(105, 148)
    for row, line in enumerate((label.recipient, label.street, label.city)):
        canvas.text(10, 20 + 8 * row, line)
    canvas.text(10, 60, f"{label.weight_g / 1000:.1f} kg")
    canvas.barcode(10, 110, label.tracking_number, height=25)
    return canvas.finish()
