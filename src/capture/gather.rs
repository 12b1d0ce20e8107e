//! Streams that give much at a time, since handing each piece to another thread costs.

use std::io::{self, Read};

/// A stream whose reads fill the whole buffer while more octets can be expected.
pub(crate) struct Gather<R, M> {
    stream: R,
    more: M,
    /// Error that ended the last read after octets that were returned first.
    fault: Option<io::Error>,
}

impl<R: Read, M: FnMut() -> bool> Gather<R, M> {
    /// Reads from `stream`, again and again while `more` returns true.
    pub(crate) fn new(stream: R, more: M) -> Gather<R, M> {
        Gather { stream, more, fault: None }
    }
}

impl<R: Read, M: FnMut() -> bool> Read for Gather<R, M> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        if let Some(fault) = self.fault.take() {
            return Err(fault);
        }
        let mut had = self.stream.read(bytes)?;
        let mut read = had;
        while read > 0 && had < bytes.len() && (self.more)() {
            read = match self.stream.read(&mut bytes[had..]) {
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    self.fault = Some(error);
                    break;
                }
            };
            had += read;
        }
        Ok(had)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives three octets at a time, then fails.
    struct Threes(u8);

    impl Read for Threes {
        fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
            self.0 += 1;
            if self.0 == 4 {
                return Err(io::Error::other("broken"));
            }
            let count = bytes.len().min(3);
            bytes[..count].fill(self.0);
            Ok(count)
        }
    }

    #[test]
    fn what_came_before_a_fault_is_given_first() {
        let mut stream = Gather::new(Threes(0), || true);
        let mut bytes = [0; 20];
        assert_eq!(stream.read(&mut bytes).expect("nine octets"), 9);
        assert_eq!(bytes[..10], [1, 1, 1, 2, 2, 2, 3, 3, 3, 0]);
        assert_eq!(stream.read(&mut bytes).expect_err("the fault").to_string(), "broken");
    }

    #[test]
    fn what_is_asked_for_is_filled_and_no_more() {
        let mut bytes = [0; 5];
        assert_eq!(Gather::new(Threes(0), || true).read(&mut bytes).expect("five octets"), 5);
        assert_eq!(bytes, [1, 1, 1, 2, 2]);
    }

    #[test]
    fn nothing_is_waited_for_that_may_not_come() {
        let mut bytes = [0; 5];
        assert_eq!(Gather::new(Threes(0), || false).read(&mut bytes).expect("three octets"), 3);
    }

    #[test]
    fn the_end_stays_the_end() {
        let mut stream = Gather::new(&b"abcd"[..], || true);
        let mut bytes = [0; 9];
        assert_eq!(stream.read(&mut bytes).expect("all"), 4);
        assert_eq!(stream.read(&mut bytes).expect("the end"), 0);
    }
}
