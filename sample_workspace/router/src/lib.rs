//! Plans the tours of the couriers.

pub mod distance;
pub mod tour;
