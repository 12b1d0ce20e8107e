//! Where a table keeps its flows.

use super::Flow;

/// Flows in chunks of one size, so that growing copies none and takes no room for two tables.
#[derive(Clone, Default)]
pub(super) struct FlowStore {
    chunks: Vec<Vec<Flow>>,
    /// Numbers of the first flows, from 0 in the order of all that ever were here; those of the
    /// flows after them follow without a gap.
    kept: Vec<u64>,
    /// Number of the first flow after the kept ones.
    after_kept: u64,
}

impl FlowStore {
    const CHUNK: usize = 4096;

    #[inline]
    pub(super) fn get(&self, id: u32) -> Option<&Flow> {
        self.chunks.get(id as usize / FlowStore::CHUNK)?.get(id as usize % FlowStore::CHUNK)
    }

    #[inline]
    pub(super) fn get_mut(&mut self, id: u32) -> Option<&mut Flow> {
        self.chunks.get_mut(id as usize / FlowStore::CHUNK)?.get_mut(id as usize % FlowStore::CHUNK)
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        let full = self.chunks.len().saturating_sub(1) * FlowStore::CHUNK;
        full + self.chunks.last().map_or(0, Vec::len)
    }

    /// The place the next flow gets. Four billion flows would take 500 GB before it wraps.
    pub(super) fn next(&self) -> u32 {
        self.len() as u32
    }

    pub(super) fn push(&mut self, flow: Flow) -> u32 {
        let id = self.next();
        match self.chunks.last_mut() {
            Some(chunk) if chunk.len() < FlowStore::CHUNK => chunk.push(flow),
            _ => {
                let mut chunk = Vec::with_capacity(FlowStore::CHUNK);
                chunk.push(flow);
                self.chunks.push(chunk);
            }
        }
        id
    }

    /// The number of flows before the first for which `is_before` does not hold, where all that it
    /// holds for come first.
    pub(super) fn partition_point(&self, is_before: impl Fn(&Flow) -> bool) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            if self.get(middle as u32).is_some_and(&is_before) { low = middle + 1 } else { high = middle }
        }
        low
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Flow> + Clone {
        self.chunks.iter().flatten()
    }

    /// How many flows have ever been here.
    pub(super) fn begun(&self) -> u64 {
        self.after_kept + (self.len() - self.kept.len()) as u64
    }

    /// The flows with their numbers.
    pub(super) fn numbered(&self) -> impl Iterator<Item = (u64, &Flow)> {
        self.kept.iter().copied().chain(self.after_kept..).zip(self.iter())
    }

    /// Takes out the flows with their numbers.
    pub(super) fn into_numbered(self) -> impl Iterator<Item = (u64, Flow)> {
        self.kept.into_iter().chain(self.after_kept..).zip(self.chunks.into_iter().flatten())
    }

    /// Puts a flow back that keeps its number; [`FlowStore::go_on_from`] follows the last of them.
    pub(super) fn keep(&mut self, number: u64, flow: Flow) -> u32 {
        self.kept.push(number);
        self.push(flow)
    }

    /// Says which number the next new flow has.
    pub(super) fn go_on_from(&mut self, number: u64) {
        self.after_kept = number;
    }
}

impl IntoIterator for FlowStore {
    type Item = Flow;
    type IntoIter = std::iter::Flatten<std::vec::IntoIter<Vec<Flow>>>;

    fn into_iter(self) -> Self::IntoIter {
        self.chunks.into_iter().flatten()
    }
}
