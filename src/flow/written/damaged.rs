//! What is wrong with a state that was written out.

/// A state that no table has, and what is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Damaged(pub(crate) &'static str);

impl Damaged {
    pub(in crate::flow) const CONTEXT: Damaged = Damaged("tags and tunnels are not those of a packet");
}
