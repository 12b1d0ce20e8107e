//! Firewall rulesets: reading them, judging flows by them, what covers what.

#[path = "../support/mod.rs"]
mod support;

mod aws;
mod cover;
mod iptables;
mod lab;
mod nft;
mod nft_text;
mod path;
