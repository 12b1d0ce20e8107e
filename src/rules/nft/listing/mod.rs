//! What `nft list ruleset` prints, as the objects that `nft -j list ruleset` prints of it
//! (libnftables-json(5)): so that one reader reads both. A statement that is not understood stands in its
//! rule as the text that it is, with all that follows it.

mod expressions;
mod statements;
mod tokens;

use serde_json::{Value, json};

use self::tokens::{Token, TokenKind, tokens};
use super::super::error::NotARuleset;

/// Reads the text.
pub(super) fn objects(text: &str) -> Result<Vec<Value>, NotARuleset> {
    let mut parser = Parser { tokens: tokens(text), at: 0, objects: Vec::new() };
    let mut tables = 0;
    loop {
        parser.skip_ends();
        if parser.at == parser.tokens.len() {
            break;
        }
        if parser.take("table") {
            parser.table()?;
            tables += 1;
        } else if parser.take("flush") {
            // As the file begins that a firewall loads.
            parser.skip_statement();
        } else {
            return Err(parser.fault());
        }
    }
    if tables == 0 { Err(NotARuleset::NoNftTable) } else { Ok(parser.objects) }
}

/// Reads words one after the other.
struct Parser {
    tokens: Vec<Token>,
    at: usize,
    objects: Vec<Value>,
}

/// A table: family and name.
struct Table {
    family: String,
    name: String,
}

impl Parser {
    fn peek(&self) -> Option<&TokenKind> {
        self.tokens.get(self.at).map(|token| &token.kind)
    }

    /// The word that comes next.
    fn peek_word(&self) -> Option<&str> {
        match self.peek() {
            Some(TokenKind::Word(word)) => Some(word),
            _ => None,
        }
    }

    /// Takes the next word if it is this one.
    fn take(&mut self, word: &str) -> bool {
        let is_there = self.peek_word() == Some(word);
        self.at += usize::from(is_there);
        is_there
    }

    /// Takes the next token if it is of this kind.
    fn take_kind(&mut self, kind: &TokenKind) -> bool {
        let is_there = self.peek() == Some(kind);
        self.at += usize::from(is_there);
        is_there
    }

    fn word(&mut self) -> Option<String> {
        let word = self.peek_word()?.to_owned();
        self.at += 1;
        Some(word)
    }

    /// A word, or a text in quotes.
    fn name(&mut self) -> Option<String> {
        let name = match self.peek()? {
            TokenKind::Word(text) | TokenKind::Quoted(text) => text.clone(),
            _ => return None,
        };
        self.at += 1;
        Some(name)
    }

    fn number(&mut self) -> Option<u64> {
        let number = self.peek_word()?.parse().ok()?;
        self.at += 1;
        Some(number)
    }

    fn line(&self) -> usize {
        let token = self.tokens.get(self.at).or(self.tokens.last());
        token.map_or(1, |token| token.line)
    }

    /// What is wrong here.
    fn fault(&self) -> NotARuleset {
        let found = self.peek().map_or_else(String::new, TokenKind::text);
        NotARuleset::NotListed { line: self.line(), found }
    }

    fn expect<T>(&self, part: Option<T>) -> Result<T, NotARuleset> {
        part.ok_or_else(|| self.fault())
    }

    fn skip_ends(&mut self) {
        while matches!(self.peek(), Some(TokenKind::End | TokenKind::Comment | TokenKind::Handle(_))) {
            self.at += 1;
        }
    }

    /// To the end of a statement, with the blocks in it; the end of a block around it stays.
    fn skip_statement(&mut self) {
        let mut depth = 0_usize;
        while let Some(kind) = self.peek() {
            match kind {
                TokenKind::End | TokenKind::Close if depth == 0 => return,
                TokenKind::Open => depth += 1,
                TokenKind::Close => depth -= 1,
                _ => {}
            }
            self.at += 1;
        }
    }

    /// Opens a block; a handle may stand behind the bracket.
    fn open(&mut self) -> Result<(), NotARuleset> {
        if self.take_kind(&TokenKind::Open) { Ok(()) } else { Err(self.fault()) }
    }

    /// Calls `statement` at the beginning of each statement of a block, up to its end.
    fn block(
        &mut self,
        mut statement: impl FnMut(&mut Parser) -> Result<(), NotARuleset>,
    ) -> Result<(), NotARuleset> {
        self.open()?;
        loop {
            self.skip_ends();
            if self.take_kind(&TokenKind::Close) {
                return Ok(());
            }
            if self.peek().is_none() {
                return Err(self.fault());
            }
            let before = self.at;
            statement(self)?;
            if self.at == before {
                return Err(self.fault());
            }
        }
    }

    fn table(&mut self) -> Result<(), NotARuleset> {
        let (family, name) = (self.name(), self.name());
        let table = match (family, name) {
            (Some(family), Some(name)) => Table { family, name },
            // Of IPv4 alone, as a file that is loaded may leave it out.
            (Some(name), None) => Table { family: "ip".to_owned(), name },
            _ => return Err(self.fault()),
        };
        let place = self.objects.len();
        self.objects.push(json!({ "table": { "family": table.family, "name": table.name } }));
        self.block(|parser| {
            if parser.take("chain") {
                return parser.chain(&table);
            }
            for kind in ["set", "map"] {
                if parser.take(kind) {
                    return parser.set(kind, &table);
                }
            }
            if parser.take("counter") {
                return parser.counter(&table);
            }
            if parser.take("flags") {
                let flags: Vec<String> = parser.words_of_statement();
                parser.objects[place]["table"]["flags"] = json!(flags);
                return Ok(());
            }
            parser.skip_statement();
            Ok(())
        })
    }

    /// The words up to the end of a statement.
    fn words_of_statement(&mut self) -> Vec<String> {
        let begin = self.at;
        self.skip_statement();
        let words = self.tokens[begin..self.at].iter().filter_map(|token| match &token.kind {
            TokenKind::Word(text) | TokenKind::Quoted(text) => Some(text.clone()),
            _ => None,
        });
        words.collect()
    }

    fn counter(&mut self, table: &Table) -> Result<(), NotARuleset> {
        let name = self.name();
        let name = self.expect(name)?;
        let mut counter =
            json!({ "family": table.family, "table": table.name, "name": name, "packets": 0, "bytes": 0 });
        self.block(|parser| {
            while let Some(word) = parser.word() {
                if ["packets", "bytes"].contains(&word.as_str()) {
                    counter[&word] = json!(parser.number());
                }
            }
            parser.skip_statement();
            Ok(())
        })?;
        self.objects.push(json!({ "counter": counter }));
        Ok(())
    }

    fn set(&mut self, kind: &str, table: &Table) -> Result<(), NotARuleset> {
        let name = self.name();
        let name = self.expect(name)?;
        let mut set = json!({ "family": table.family, "table": table.name, "name": name });
        self.block(|parser| {
            if parser.take("flags") {
                set["flags"] = json!(parser.words_of_statement());
            } else if parser.take("timeout") {
                set["timeout"] = json!(parser.words_of_statement().join(" "));
            } else if parser.take("elements") {
                if !parser.take("=") {
                    return Err(parser.fault());
                }
                let elements = parser.elements();
                set["elem"] = Value::Array(parser.expect(elements)?);
            } else {
                parser.skip_statement();
            }
            Ok(())
        })?;
        self.objects.push(json!({ (kind): set }));
        Ok(())
    }

    fn chain(&mut self, table: &Table) -> Result<(), NotARuleset> {
        let name = self.name();
        let name = self.expect(name)?;
        let place = self.objects.len();
        self.objects.push(json!({ "chain": { "family": table.family, "table": table.name, "name": name } }));
        self.block(|parser| {
            if parser.take("type") {
                let words = parser.words_of_statement();
                return parser.base_chain(place, &table.family, &words);
            }
            if parser.take("policy") {
                let policy = parser.word();
                parser.objects[place]["chain"]["policy"] = json!(parser.expect(policy)?);
                return Ok(());
            }
            if ["comment", "devices", "device", "flags"].iter().any(|word| parser.peek_word() == Some(word)) {
                parser.skip_statement();
                return Ok(());
            }
            let rule = parser.rule(table, &name);
            parser.objects.push(rule);
            Ok(())
        })
    }

    /// `filter hook forward priority filter + 10`.
    fn base_chain(&mut self, place: usize, family: &str, words: &[String]) -> Result<(), NotARuleset> {
        let of = |key: &str| words.iter().position(|word| word == key);
        let (Some(hook), Some(priority)) = (of("hook"), of("priority")) else { return Err(self.fault()) };
        let priority = priority_of(family, words.get(priority + 1..).unwrap_or_default());
        let (Some(kind), Some(hook), Some(priority)) = (words.first(), words.get(hook + 1), priority) else {
            return Err(self.fault());
        };
        let chain = &mut self.objects[place]["chain"];
        chain["type"] = json!(kind);
        chain["hook"] = json!(hook);
        chain["prio"] = json!(priority);
        if chain["policy"].is_null() {
            chain["policy"] = json!("accept");
        }
        Ok(())
    }

    fn rule(&mut self, table: &Table, chain: &str) -> Value {
        let line = self.line();
        let (mut expression, mut comment) = (Vec::new(), None);
        loop {
            match self.peek() {
                None | Some(TokenKind::End | TokenKind::Close | TokenKind::Handle(_)) => break,
                _ => {}
            }
            if self.take("comment") {
                comment = self.name();
                continue;
            }
            let begin = self.at;
            if let Some(statement) = self.statement() {
                expression.push(statement);
                continue;
            }
            // What follows may belong to what is not understood.
            self.at = begin;
            self.skip_statement();
            let is_end = |token: &Token| matches!(token.kind, TokenKind::Handle(_));
            let skipped = &self.tokens[begin..self.at];
            let end = skipped.iter().position(is_end).map_or(self.at, |n| begin + n);
            self.at = end;
            let mut rest = &self.tokens[begin..end];
            if let [others @ .., word, Token { kind: TokenKind::Quoted(text), .. }] = rest
                && word.kind == TokenKind::Word("comment".to_owned())
            {
                (rest, comment) = (others, Some(text.clone()));
            }
            let words: Vec<String> = rest.iter().map(|token| token.kind.text()).collect();
            expression.push(json!(words.join(" ")));
        }
        let mut rule = json!({
            "family": table.family, "table": table.name, "chain": chain, "line": line, "expr": expression,
        });
        if let Some(TokenKind::Handle(handle)) = self.peek() {
            rule["handle"] = json!(handle);
            self.at += 1;
        }
        if let Some(comment) = comment {
            rule["comment"] = json!(comment);
        }
        json!({ "rule": rule })
    }
}

/// A priority: a number, or a name (nft(8), standard priority names) with a number that is added to it or
/// taken off.
fn priority_of(family: &str, words: &[String]) -> Option<i64> {
    let of_bridge = family == "bridge";
    let named = |name: &str| {
        Some(match (name, of_bridge) {
            ("raw", _) | ("dstnat", true) => -300,
            ("mangle", _) => -150,
            ("dstnat", false) => -100,
            ("filter", false) => 0,
            ("security", _) => 50,
            ("srcnat", false) | ("out", true) => 100,
            ("filter", true) => -200,
            ("srcnat", true) => 300,
            (number, _) => number.parse().ok()?,
        })
    };
    match words {
        [name, sign, number, ..] if sign == "+" => Some(named(name)? + number.parse::<i64>().ok()?),
        [name, sign, number, ..] if sign == "-" => Some(named(name)? - number.parse::<i64>().ok()?),
        [one, ..] => named(one),
        [] => None,
    }
}
