from parcelpost.pricing import quote_cents, volumetric_weight_g


def test_big_light_box_is_charged_by_volume():
    assert volumetric_weight_g(50, 40, 30) == 12000
    assert quote_cents(500, (50, 40, 30), "local") > quote_cents(500, (10, 10, 10), "local")
