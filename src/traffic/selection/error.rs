//! What is wrong with an expression, and where.

use std::fmt;
use std::ops::Range;

/// What is wrong with an expression, and where in it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExpressionError {
    /// The expression.
    pub text: String,
    /// The octets of the text that the message is about; empty at its end.
    pub at: Range<usize>,
    /// What is wrong, and what to do.
    pub message: String,
}

impl fmt::Display for ExpressionError {
    /// The message, and below it the expression with a mark under the word that it is about.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let before = self.text.get(..self.at.start).unwrap_or_default().chars().count();
        let marked = self.text.get(self.at.clone()).unwrap_or_default().chars().count().max(1);
        // One line, so that the mark stands below its word.
        let text = self.text.replace(char::is_control, " ");
        write!(f, "{}\n  {text}\n  {}{}", self.message, " ".repeat(before), "^".repeat(marked))
    }
}

impl std::error::Error for ExpressionError {}
