//! In which order a courier visits the doors.

use crate::distance::{haversine_km, Point};

/// Visits the nearest door that is left, again and again: quick, and at most a quarter too long in practice.
pub fn nearest_neighbour(depot: Point, stops: &[Point]) -> Vec<usize> {
    let mut left: Vec<usize> = (0..stops.len()).collect();
    let mut here = depot;
    let mut order = Vec::with_capacity(stops.len());
    while let Some((place, &next)) = left
        .iter()
        .enumerate()
        .min_by(|a, b| haversine_km(here, stops[*a.1]).total_cmp(&haversine_km(here, stops[*b.1])))
    {
        here = stops[next];
        order.push(next);
        left.swap_remove(place);
    }
    order
}

/// Untangles a tour: as long as reversing a stretch of it makes it shorter, reverses that stretch (2-opt).
pub fn two_opt(stops: &[Point], order: &mut [usize]) {
    let mut improved = true;
    while improved {
        improved = false;
        for i in 1..order.len().saturating_sub(1) {
            for j in i + 1..order.len() {
                let before = leg(stops, order, i - 1, i) + if j + 1 < order.len() { leg(stops, order, j, j + 1) } else { 0.0 };
                order[i..=j].reverse();
                let after = leg(stops, order, i - 1, i) + if j + 1 < order.len() { leg(stops, order, j, j + 1) } else { 0.0 };
                if after + 1e-9 < before {
                    improved = true;
                } else {
                    order[i..=j].reverse();
                }
            }
        }
    }
}

fn leg(stops: &[Point], order: &[usize], from: usize, to: usize) -> f64 {
    haversine_km(stops[order[from]], stops[order[to]])
}
