//! The secret that decides what addresses become.

use std::fmt;

/// Octets of a key.
const LENGTH: usize = 32;

/// A secret of 32 octets: the first half is the key of AES, the second half makes the padding of Crypto-PAn.
#[derive(Clone)]
pub struct Key(pub(super) [u8; LENGTH]);

/// Not shown: what is logged is read by others.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

/// No more of a file is read than shows that it is no key.
fn octets(length: usize) -> String {
    if length > Key::MOST_OCTETS {
        format!("more than {} octets", Key::MOST_OCTETS)
    } else {
        format!("{length} octets")
    }
}

/// What is wrong with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// It is of another length.
    #[error("a key is 32 octets, or 64 hexadecimal digits; this is neither ({})", octets(*.0))]
    Length(usize),
    /// All octets are the same.
    #[error("all 32 octets of the key are the same, so that anybody can guess it")]
    Monotonous,
}

impl Key {
    /// Longest content of a file with a key that is worth reading: a longer one is none.
    pub const MOST_OCTETS: usize = 256;

    /// A key of 32 octets.
    pub const fn new(octets: [u8; LENGTH]) -> Key {
        Key(octets)
    }

    /// The key that a file holds: 32 octets as they are, or 64 hexadecimal digits with white space behind
    /// them.
    ///
    /// # Errors
    ///
    /// When it holds anything else, or nothing that is secret.
    pub fn read(content: &[u8]) -> Result<Key, KeyError> {
        let octets = match content.try_into() {
            Ok(octets) => octets,
            Err(_) => hexadecimal(content.trim_ascii_end()).ok_or(KeyError::Length(content.len()))?,
        };
        if octets.iter().all(|octet| *octet == octets[0]) {
            Err(KeyError::Monotonous)
        } else {
            Ok(Key(octets))
        }
    }
}

fn hexadecimal(digits: &[u8]) -> Option<[u8; LENGTH]> {
    let pairs = digits.as_chunks::<2>();
    let mut octets = [0; LENGTH];
    if pairs.0.len() != LENGTH || !pairs.1.is_empty() {
        return None;
    }
    for (octet, pair) in octets.iter_mut().zip(pairs.0) {
        let digit = |digit: u8| char::from(digit).to_digit(16);
        *octet = (digit(pair[0])? << 4 | digit(pair[1])?) as u8;
    }
    Some(octets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_octets_or_digits() {
        let octets: [u8; LENGTH] = std::array::from_fn(|n| n as u8 * 7);
        let halves = octets.iter().flat_map(|octet| [octet >> 4, octet & 0x0f]);
        let digits: String = halves.map(|half| char::from_digit(half.into(), 16).expect("a digit")).collect();
        let read = |content: &[u8]| Key::read(content).map(|key| key.0);
        assert_eq!(read(&octets), Ok(octets));
        for text in [digits.clone(), digits.to_uppercase(), digits.clone() + "\n", digits.clone() + "\r\n"] {
            assert_eq!(read(text.as_bytes()), Ok(octets), "{text:?}");
        }
        for length in (0..LENGTH).chain([33, 63, 65]) {
            assert_eq!(read(&vec![b'7'; length]), Err(KeyError::Length(length)));
        }
        assert_eq!(read(digits.replace('0', "g").as_bytes()), Err(KeyError::Length(64)));
        assert_eq!(read(&[9; LENGTH]), Err(KeyError::Monotonous));
        assert_eq!(format!("{:?}", Key(octets)), "Key");
    }
}
