//! Distances on the globe.

const EARTH_RADIUS_KM: f64 = 6371.0;

/// A place by latitude and longitude, in degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    pub latitude: f64,
    pub longitude: f64,
}

/// Great-circle distance between two points in kilometres (haversine formula).
pub fn haversine_km(a: Point, b: Point) -> f64 {
    let latitude = (b.latitude - a.latitude).to_radians() / 2.0;
    let longitude = (b.longitude - a.longitude).to_radians() / 2.0;
    let h = latitude.sin().powi(2)
        + a.latitude.to_radians().cos() * b.latitude.to_radians().cos() * longitude.sin().powi(2);
    2.0 * EARTH_RADIUS_KM * h.sqrt().asin()
}
