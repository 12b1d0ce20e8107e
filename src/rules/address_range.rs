//! A range of addresses.

use std::net::IpAddr;

use serde::Serialize;

use crate::net::{Family, number, number_in};

/// Addresses from the first to the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct AddressRange {
    /// First.
    pub first: IpAddr,
    /// Last, of the same family.
    pub last: IpAddr,
}

impl AddressRange {
    /// Whether an address lies in it.
    pub fn contains(self, address: IpAddr) -> bool {
        address.is_ipv4() == self.first.is_ipv4() && self.first <= address && address <= self.last
    }

    /// How many addresses there are, as far as a floating-point number tells.
    pub fn count(self) -> f64 {
        match number_in(Family::of(self.first), self.last) {
            Some(last) => last.saturating_sub(number(self.first)) as f64 + 1.0,
            None => 0.0,
        }
    }
}
