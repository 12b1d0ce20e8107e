//! What a file by column has beside what its columns say.

/// How a file by column is laid out beside what its columns say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// Whether each address stands there as octets, too.
    pub(super) with_octets: bool,
    /// Whether the rows of each row group are sorted by the first column of times.
    pub(super) by_time: bool,
    /// Whether names with points are those of fields in structures.
    pub(super) nests: bool,
}
