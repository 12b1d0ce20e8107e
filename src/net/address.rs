//! Addresses as numbers.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::Family;

/// An address as a number, the first octet the highest. Which family it is of must stand beside it:
/// see [`from_number`].
#[inline]
pub const fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_bits() as u128,
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// The address of a [`number`]. Of IPv4 the lowest 32 bits count.
#[inline]
pub const fn from_number(family: Family, number: u128) -> IpAddr {
    match family {
        Family::Ipv4 => IpAddr::V4(Ipv4Addr::from_bits(number as u32)),
        Family::Ipv6 => IpAddr::V6(Ipv6Addr::from_bits(number)),
    }
}

/// An address of a family as a [`number`]; none for one of the other.
#[inline]
pub fn number_in(family: Family, address: IpAddr) -> Option<u128> {
    (Family::of(address) == family).then(|| number(address))
}

/// Whether an address stands for many hosts: a multicast address, or 255.255.255.255.
pub const fn is_group(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_multicast() || address.is_broadcast(),
        IpAddr::V6(address) => address.is_multicast(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_gives_its_address_back() {
        for text in ["0.0.0.0", "192.0.2.1", "255.255.255.255", "::", "2001:db8::1", "::ffff:192.0.2.1"] {
            let address: IpAddr = text.parse().expect("an address");
            assert_eq!(from_number(Family::of(address), number(address)), address);
        }
        assert_eq!(number([192, 0, 2, 1].into()), 0xc000_0201);
    }
}
