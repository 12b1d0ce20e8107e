//! The words of a line of `iptables-save` or `ipset save`, with their quotes taken off.

/// The words of one line, one after the other.
#[derive(Debug)]
pub(super) struct Words {
    list: Vec<String>,
    at: usize,
    broken: bool,
}

impl Words {
    /// Splits a line at blanks. What stands in double quotes is one word, in which a backslash
    /// takes the next character as it is: iptables writes `\"` and `\\`, and its nft variant `\'`.
    pub fn split(line: &str) -> Words {
        let mut words = Vec::new();
        let mut word = String::new();
        let mut in_word = false;
        let mut quote = None;
        let mut characters = line.chars();
        while let Some(c) = characters.next() {
            match (c, quote) {
                ('\\', Some('"') | None) => {
                    word.extend(characters.next());
                    in_word = true;
                }
                ('"' | '\'', None) => {
                    quote = Some(c);
                    in_word = true;
                }
                (_, Some(open)) if c == open => quote = None,
                (_, None) if c.is_whitespace() => {
                    if std::mem::take(&mut in_word) {
                        words.push(std::mem::take(&mut word));
                    }
                }
                _ => {
                    word.push(c);
                    in_word = true;
                }
            }
        }
        if in_word {
            words.push(word);
        }
        Words { list: words, at: 0, broken: quote.is_some() }
    }

    /// Whether a quote did not end.
    pub fn is_broken(&self) -> bool {
        self.broken
    }

    /// The next word.
    pub fn next(&mut self) -> Option<&str> {
        let word = self.list.get(self.at)?;
        self.at += 1;
        Some(word)
    }

    /// The next word, which stays.
    pub fn peek(&self) -> Option<&str> {
        self.list.get(self.at).map(String::as_str)
    }

    /// The words up to the next option, as values of the one before. A number below zero is a value.
    pub fn values(&mut self) -> Vec<String> {
        let is_option = |word: &str| {
            word == "!"
                || (word.starts_with('-')
                    && !word[1..].starts_with(|c: char| c.is_ascii_digit())
                    && word.len() > 1)
        };
        let mut values = Vec::new();
        while let Some(word) = self.peek().filter(|word| !is_option(word)) {
            values.push(word.to_owned());
            self.at += 1;
        }
        values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        let mut words = Words::split(line);
        std::iter::from_fn(|| words.next().map(str::to_owned)).collect()
    }

    #[test]
    fn quotes_are_taken_off() {
        assert_eq!(
            words(r#"-A F --comment "R1 web; it\'s \"ok\" \\" -j ACCEPT"#),
            ["-A", "F", "--comment", r#"R1 web; it's "ok" \"#, "-j", "ACCEPT"]
        );
        assert_eq!(words(r#"--comment "" -j"#), ["--comment", "", "-j"]);
        assert_eq!(words("--comment 'two words' x"), ["--comment", "two words", "x"]);
        assert!(Words::split(r#"--comment "open"#).is_broken());
    }

    #[test]
    fn values_end_at_the_next_option() {
        let mut words = Words::split("3/min -5 ! -s 1.2.3.4");
        assert_eq!(words.values(), ["3/min", "-5"]);
        assert_eq!(words.next(), Some("!"));
    }
}
