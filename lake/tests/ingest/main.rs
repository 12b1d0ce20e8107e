//! Tables that runs add to are the same, however captures come to them.

mod compressed;
mod ended;
mod others;
mod rows;
mod runs;
mod support;
