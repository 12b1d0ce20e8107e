//! The flows that show best what rules do.

use super::super::model::{FlowSample, Grade, SAMPLES};
use super::super::observed::{self, FlowGroup};
use crate::flow::Side;
use crate::traffic::Labelled;

/// The flows that show something best, those of the surest grade first, as they came.
#[derive(Clone, Debug, Default)]
pub(super) struct Best(Vec<(Grade, (usize, Side))>);

impl Best {
    /// Takes the first flow of a group, where no better ones are there.
    pub(super) fn add(&mut self, group: &FlowGroup) {
        let at = self.0.partition_point(|&(other, _)| other >= group.grade);
        if at < SAMPLES {
            self.0.insert(at, (group.grade, group.first_flow));
            self.0.truncate(SAMPLES);
        }
    }

    pub(super) fn samples(&self, labelled: &Labelled) -> Vec<FlowSample> {
        self.0.iter().filter_map(|&(grade, flow)| observed::sample(labelled, flow, grade)).collect()
    }
}

/// Flows with which the rules do one thing: how many, and those that show it best.
#[derive(Clone, Debug, Default)]
pub(in crate::review) struct Part {
    /// How many.
    pub(in crate::review) flows: u64,
    best: Best,
}

impl Part {
    pub(super) fn add(&mut self, group: &FlowGroup) {
        self.flows += group.flows;
        self.best.add(group);
    }

    /// Those that show it best.
    pub(in crate::review) fn samples(&self, labelled: &Labelled) -> Vec<FlowSample> {
        self.best.samples(labelled)
    }
}
