//! No circle between the files of `src`: a file can be understood with only those that it uses.
//!
//! A file uses another where it imports a name from it or names it by its path. A name that a `mod.rs`
//! or another file passes on belongs to the file that defines it, so passing on is no use.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The circles that there are by nature or not yet mended: one file of each, and the reason.
const KNOWN: &[(&str, &str)] =
    &[("decode::layers", "a header can hold any other: links, networks and tunnels decode each other")];

/// The path of a module or of an item below `src`, without `crate`.
type Names = Vec<String>;

/// A piece of source text: a name, `::`, or a single other character.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Name(String),
    Colons,
    Mark(char),
}

fn tokens(text: &str) -> Vec<Token> {
    let letters: Vec<char> = text.chars().collect();
    let at = |n: usize| letters.get(n).copied().unwrap_or('\0');
    let is_of_name = |letter: char| letter.is_alphanumeric() || letter == '_';
    // How many letters from one on are like this.
    let run = |from: usize, is: &dyn Fn(char) -> bool| {
        letters.iter().skip(from).take_while(|&&letter| is(letter)).count()
    };
    let (mut n, mut found) = (0, Vec::new());
    while n < letters.len() {
        let hashes = run(n + 1, &|letter| letter == '#');
        match at(n) {
            '/' if at(n + 1) == '/' => n += run(n, &|letter| letter != '\n'),
            'r' if at(n + 1 + hashes) == '"' && !is_of_name(at(n.saturating_sub(1))) => {
                let end: String = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
                let rest: String = letters[n + hashes + 2..].iter().collect();
                let inside = rest.find(&end).map_or(rest.len(), |end| end);
                n += hashes + 2 + rest[..inside].chars().count() + end.len();
            }
            '"' => {
                n += 1;
                while n < letters.len() && at(n) != '"' {
                    n += if at(n) == '\\' { 2 } else { 1 };
                }
                n += 1;
            }
            // A character, not a lifetime.
            '\'' if at(n + 1) == '\\' => n += 4 + run(n + 3, &|letter| letter != '\''),
            '\'' if at(n + 2) == '\'' => n += 3,
            ':' if at(n + 1) == ':' => {
                found.push(Token::Colons);
                n += 2;
            }
            letter if is_of_name(letter) => {
                let name: String = letters[n..].iter().copied().take_while(|&l| is_of_name(l)).collect();
                n += name.chars().count();
                found.push(Token::Name(name));
            }
            letter => {
                if !letter.is_whitespace() {
                    found.push(Token::Mark(letter));
                }
                n += 1;
            }
        }
    }
    found
}

/// What a file defines, passes on and uses.
#[derive(Default)]
struct Source {
    /// Names that are defined outside functions and types.
    defines: BTreeSet<String>,
    /// Imports and names passed on, by the name they have in the file.
    known_as: BTreeMap<String, Names>,
    /// Modules whose names are all imported.
    globs: Vec<Names>,
    /// Absolute paths that imports and code name.
    paths: Vec<Names>,
}

struct Parser<'s> {
    tokens: Vec<Token>,
    at: usize,
    modules: &'s BTreeSet<Names>,
    file: &'s Names,
}

impl Parser<'_> {
    fn peek(&self, ahead: usize) -> Option<&Token> {
        self.tokens.get(self.at + ahead)
    }

    fn is_mark(&self, ahead: usize, mark: char) -> bool {
        self.peek(ahead) == Some(&Token::Mark(mark))
    }

    fn name(&self, ahead: usize) -> Option<&str> {
        match self.peek(ahead) {
            Some(Token::Name(name)) => Some(name),
            _ => None,
        }
    }

    /// The path from the crate's root, for paths inside the crate.
    fn absolute(&self, inside: &[String], path: &[String]) -> Option<Names> {
        let mut base = self.file.clone();
        base.extend_from_slice(inside);
        let first = path.first()?;
        match first.as_str() {
            "crate" => Some(path[1..].to_vec()),
            "self" => Some([&base, &path[1..]].concat()),
            "super" => {
                let up = path.iter().take_while(|name| *name == "super").count();
                base.truncate(base.len() - up);
                Some([&base, &path[up..]].concat())
            }
            _ => {
                base.push(first.clone());
                self.modules.contains(&base).then(|| [&base, &path[1..]].concat())
            }
        }
    }

    /// The imports of a tree that comes after `before`.
    fn tree(&mut self, before: &[String], found: &mut Vec<(Names, String)>) {
        let mut path = before.to_vec();
        loop {
            if self.is_mark(0, '{') {
                self.at += 1;
                while !self.is_mark(0, '}') {
                    self.tree(&path, found);
                    if self.is_mark(0, ',') {
                        self.at += 1;
                    }
                }
                self.at += 1;
                return;
            }
            path.push(self.name(0).unwrap_or("*").to_owned());
            self.at += 1;
            if self.peek(0) != Some(&Token::Colons) {
                break;
            }
            self.at += 1;
        }
        if path.len() > 1 && path.last().is_some_and(|name| name == "self") {
            path.pop();
        }
        let mut known_as = path.last().cloned().unwrap_or_default();
        if self.name(0) == Some("as") {
            self.name(1).unwrap_or("_").clone_into(&mut known_as);
            self.at += 2;
        }
        found.push((path, known_as));
    }

    fn source(mut self) -> Source {
        let mut source = Source::default();
        let mut passed_on: BTreeMap<String, Names> = BTreeMap::new();
        // Modules inside the file, each with the depth of its braces.
        let mut inside: Vec<(String, usize)> = Vec::new();
        let (mut depth, mut is_public) = (0, false);
        while let Some(token) = self.peek(0).cloned() {
            let modules: Names = inside.iter().map(|(name, _)| name.clone()).collect();
            let is_item = depth == inside.last().map_or(0, |(_, depth)| *depth);
            match token {
                Token::Mark('{') => depth += 1,
                Token::Mark('}') => {
                    depth -= 1;
                    inside.retain(|(_, inner)| *inner <= depth);
                }
                Token::Name(word) if word == "pub" => {
                    is_public = true;
                    self.at += 1;
                    if self.is_mark(0, '(') {
                        while !self.is_mark(0, ')') {
                            self.at += 1;
                        }
                        self.at += 1;
                    }
                    continue;
                }
                Token::Name(word) if word == "use" && self.peek(1) != Some(&Token::Mark('<')) => {
                    self.at += 1;
                    let mut found = Vec::new();
                    self.tree(&[], &mut found);
                    for (path, known_as) in found {
                        let Some(mut path) = self.absolute(&modules, &path) else { continue };
                        if path.last().is_some_and(|name| name == "*") {
                            path.pop();
                            source.globs.push(path.clone());
                        } else {
                            source.known_as.insert(known_as.clone(), path.clone());
                        }
                        if is_public {
                            passed_on.insert(known_as, path);
                        } else {
                            source.paths.push(path);
                        }
                    }
                }
                Token::Name(word)
                    if ["fn", "struct", "enum", "trait", "type", "const", "static", "mod", "macro_rules"]
                        .contains(&word.as_str()) =>
                {
                    let is_macro = self.is_mark(1, '!');
                    if let Some(name) = self.name(if is_macro { 2 } else { 1 }).map(str::to_owned) {
                        if word == "mod" && self.is_mark(2, '{') {
                            inside.push((name.clone(), depth + 1));
                        }
                        if is_item && name != "fn" {
                            source.defines.insert(name);
                        }
                    }
                }
                Token::Name(first) => {
                    let mut path = vec![first];
                    while self.peek(1) == Some(&Token::Colons) && self.name(2).is_some() {
                        path.push(self.name(2).unwrap_or_default().to_owned());
                        self.at += 2;
                    }
                    if let Some(used) = passed_on.get(&path[0]) {
                        source.paths.push([used, &path[1..]].concat());
                    } else if path.len() > 1 {
                        let known = source.known_as.get(&path[0]).map(|known| [known, &path[1..]].concat());
                        source.paths.extend(known.or_else(|| self.absolute(&modules, &path)));
                    }
                }
                Token::Mark(_) | Token::Colons => {}
            }
            is_public = false;
            self.at += 1;
        }
        source
    }
}

/// The file that defines what a path names.
fn file_of(sources: &BTreeMap<Names, Source>, path: &[String], steps: usize) -> Option<Names> {
    let known = (0..=path.len()).rev().find(|&n| sources.contains_key(&path[..n]))?;
    let (file, rest) = path.split_at(known);
    let source = &sources[file];
    let Some(name) = rest.first().filter(|name| steps > 0 && !source.defines.contains(*name)) else {
        return Some(file.to_vec());
    };
    if let Some(other) = source.known_as.get(name) {
        return file_of(sources, &[other, &rest[1..]].concat(), steps - 1);
    }
    let of_glob = source.globs.iter().find_map(|glob| {
        let found = file_of(sources, &[glob, rest].concat(), steps - 1)?;
        sources[&found].defines.contains(name).then_some(found)
    });
    Some(of_glob.unwrap_or_else(|| file.to_vec()))
}

/// The files that each file uses.
fn uses(src: &Path) -> BTreeMap<Names, BTreeSet<Names>> {
    let mut files = Vec::new();
    super::architecture::sources(src, &mut files);
    let texts: BTreeMap<Names, String> = files
        .iter()
        .filter(|file| !file.ends_with("main.rs"))
        .map(|file| {
            let below = file.strip_prefix(src).expect("a file of src").with_extension("");
            let mut module: Names =
                below.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
            if module.last().is_some_and(|name| name == "mod" || name == "lib") {
                module.pop();
            }
            let text = fs::read_to_string(file).expect("a source");
            // Tests of a module may use what is built on it.
            (module, text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned())
        })
        .collect();
    let modules: BTreeSet<Names> = texts.keys().cloned().collect();
    let sources: BTreeMap<Names, Source> = texts
        .iter()
        .map(|(file, text)| {
            (file.clone(), Parser { tokens: tokens(text), at: 0, modules: &modules, file }.source())
        })
        .collect();
    let uses = |(file, source): (&Names, &Source)| {
        let used = source.paths.iter().filter_map(|path| file_of(&sources, path, 8));
        (file.clone(), used.filter(|used| used != file && !used.is_empty()).collect())
    };
    sources.iter().map(uses).collect()
}

/// The files that can be reached from each file.
fn reached(uses: &BTreeMap<Names, BTreeSet<Names>>) -> BTreeMap<Names, BTreeSet<Names>> {
    let from = |file: &Names| {
        let mut seen = BTreeSet::new();
        let mut open: Vec<&Names> = uses[file].iter().collect();
        while let Some(next) = open.pop() {
            if seen.insert(next.clone()) {
                open.extend(&uses[next]);
            }
        }
        seen
    };
    uses.keys().map(|file| (file.clone(), from(file))).collect()
}

#[test]
fn files_use_each_other_in_one_direction() {
    let uses = uses(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let reached = reached(&uses);
    let circle = |file: &Names| -> BTreeSet<Names> {
        reached[file].iter().filter(|other| reached[*other].contains(file)).cloned().collect()
    };
    let circles: BTreeSet<BTreeSet<Names>> =
        uses.keys().map(circle).filter(|circle| !circle.is_empty()).collect();
    let mut unknown = Vec::new();
    let mut known = 0;
    for circle in &circles {
        if KNOWN.iter().any(|(file, _)| circle.iter().any(|one| one.join("::") == *file)) {
            known += 1;
            continue;
        }
        for file in circle {
            for used in uses[file].intersection(circle) {
                unknown.push(format!("{} uses {}", file.join("::"), used.join("::")));
            }
        }
    }
    assert_eq!(unknown, Vec::<String>::new(), "{} circles", circles.len() - known);
    assert_eq!(known, KNOWN.len(), "a known circle is gone: {KNOWN:?}");
    let edges: usize = uses.values().map(BTreeSet::len).sum();
    assert!(edges > 800, "{edges} uses seen");
}

#[test]
fn paths_are_read_as_the_compiler_reads_them() {
    let modules: BTreeSet<Names> = [&["a"][..], &["a", "b"], &["c"]]
        .iter()
        .map(|path| path.iter().map(|&n| n.into()).collect())
        .collect();
    let file = vec!["a".to_owned()];
    let text = "mod b; pub use b::{One, two::Two as Three}; use crate::c::{self, Four};\n\
                // use crate::d;\n\
                fn five<'a>(_: &'a str) -> char { \"crate::e\"; b::six(); c::seven(); super::c::eight; '\"' }\n\
                mod inner { use super::five; }";
    let source = Parser { tokens: tokens(text), at: 0, modules: &modules, file: &file }.source();
    assert_eq!(source.defines.iter().collect::<Vec<_>>(), ["b", "five", "inner"]);
    let paths: Vec<String> = source.paths.iter().map(|path| path.join("::")).collect();
    assert_eq!(paths, ["c", "c::Four", "a::b::six", "c::seven", "c::eight", "a::five"]);
    assert_eq!(source.known_as["Three"].join("::"), "a::b::two::Two");
}
