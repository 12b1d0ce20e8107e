//! The words of what `nft list ruleset` prints.

/// A word, with the line that it stands on, from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub kind: TokenKind,
    pub line: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    Word(String),
    /// What stood in double quotes.
    Quoted(String),
    Open,
    Close,
    Comma,
    /// The end of a line, or a semicolon.
    End,
    /// `# handle 7`.
    Handle(u64),
    /// Another comment.
    Comment,
}

impl TokenKind {
    /// As it was written.
    pub fn text(&self) -> String {
        match self {
            TokenKind::Word(word) => word.clone(),
            TokenKind::Quoted(text) => format!("\"{text}\""),
            TokenKind::Open => "{".to_owned(),
            TokenKind::Close => "}".to_owned(),
            TokenKind::Comma => ",".to_owned(),
            TokenKind::End | TokenKind::Handle(_) => String::new(),
            TokenKind::Comment => "#".to_owned(),
        }
    }
}

/// The words of a text.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut all = Vec::new();
    for (n, line) in text.lines().enumerate() {
        of_line(line, n + 1, &mut all);
        all.push(Token { kind: TokenKind::End, line: n + 1 });
    }
    all
}

fn of_line(text: &str, line: usize, all: &mut Vec<Token>) {
    let mut put = |kind| all.push(Token { kind, line });
    let mut rest = text.trim_start();
    while let Some(c) = rest.chars().next() {
        let single = match c {
            '{' => Some(TokenKind::Open),
            '}' => Some(TokenKind::Close),
            ';' => Some(TokenKind::End),
            ',' => Some(TokenKind::Comma),
            '(' | ')' => Some(TokenKind::Word(c.to_string())),
            _ => None,
        };
        if let Some(kind) = single {
            put(kind);
            rest = rest[1..].trim_start();
            continue;
        }
        match c {
            '#' => {
                let handle = rest[1..].trim().strip_prefix("handle ").and_then(|n| n.trim().parse().ok());
                put(handle.map_or(TokenKind::Comment, TokenKind::Handle));
                return;
            }
            '"' => {
                // nftables has no way to write a quote in a text.
                let (inside, behind) = rest[1..].split_once('"').unwrap_or((&rest[1..], ""));
                put(TokenKind::Quoted(inside.to_owned()));
                rest = behind;
            }
            _ => {
                // A field by its place is one word: `@th,16,16`.
                let is_raw = ["@th,", "@nh,", "@ll,", "@ih,"].iter().any(|start| rest.starts_with(start));
                let ends = |c: char| c.is_whitespace() || "{};()\"".contains(c) || c == ',' && !is_raw;
                let end = rest.find(ends).unwrap_or(rest.len());
                put(TokenKind::Word(rest[..end].to_owned()));
                rest = &rest[end..];
            }
        }
        rest = rest.trim_start();
    }
}
