//! Conditions of `--where`, which people share.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portscribe::traffic::Expression;

fuzz_target!(|text: &str| {
    match text.parse::<Expression>() {
        Ok(expression) => {
            let _ = (expression.columns(), expression.services(), expression.asks_for_portless());
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
