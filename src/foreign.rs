//! Text from outside, made safe for where it goes.
//!
//! Names of files and interfaces, comments of rules, cells of registries and worksheets, names in an overlay,
//! words of the command line: others chose them, and may have chosen them for what shows them. Whatever shows
//! text goes through this module; there is one function for each place.
//!
//! | place | function | what it does |
//! |---|---|---|
//! | a terminal, a message, a comment in a capture | [`Foreign::line`], [`line`], [`Lines`], [`append`] | hidden characters show as an escape |
//! | Markdown | [`markdown`], [`paragraph`], [`Lines::preformatted`] | what Markdown would act on is escaped, too |
//! | CSV, TSV, worksheets | [`cell`], [`sheet_cell`] | what a spreadsheet would run is guarded by `'`, too |
//! | JSON | [`json`], [`json_pretty`], [`json_text`] | hidden characters as `\u....`: the value stays what it is |
//! | SQL | [`lines`] | as on a terminal, with line breaks |
//! | pages | [`page`] | as on a terminal, with line breaks, for a text that is HTML already |
//! | the name of a file | [`file_name`] | what is not a plain ASCII word shows as `_` |
//! | rulesets | [`rule_comment`], [`rule_line`] | what is not plain ASCII shows as `?` |
//!
//! An escape is `\n`, `\r` or `\t`, `\x1b` for another character of ASCII, and `\u{202e}` for one beyond. A
//! backslash stays as it is, so that what is escaped once is not escaped again; who needs the very characters
//! finds them in JSON.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::io;

/// Text from outside, which others chose: the name of a host or an interface, the comment of a rule. It can be
/// compared, and nothing shows it as it is: it has no `Display`, and is no `str`.
///
/// ```
/// use portscribe::Foreign;
///
/// let name = Foreign::new("eth0\x1b[2J");
/// assert_eq!(name.line(), r"eth0\x1b[2J");
/// assert_eq!(format!("{name:?}"), r#""eth0\x1b[2J""#);
/// assert_eq!(name.raw(), "eth0\x1b[2J");
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Foreign<T = Box<str>>(T);

impl<T: AsRef<str>> Foreign<T> {
    /// Text that others chose.
    pub const fn new(text: T) -> Foreign<T> {
        Foreign(text)
    }

    /// The text as it is, to compare it or to read what it says. Whoever shows it answers for what it does there.
    pub fn raw(&self) -> &str {
        self.0.as_ref()
    }

    /// The text for people, on one line: what would control a terminal, turn the direction of writing or not show
    /// is an escape, as in `\x1b`.
    pub fn line(&self) -> Cow<'_, str> {
        line(self.raw())
    }

    /// The same text, borrowed.
    pub fn borrowed(&self) -> Foreign<&str> {
        Foreign(self.raw())
    }

    /// The same text in another kind of string.
    pub fn into<U>(self) -> Foreign<U>
    where
        T: Into<U>,
    {
        Foreign(self.0.into())
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.raw().is_empty()
    }
}

impl<'a> Foreign<&'a str> {
    /// As [`Foreign::raw`], for as long as the text is there.
    pub const fn into_raw(self) -> &'a str {
        self.0
    }
}

impl From<&str> for Foreign<String> {
    fn from(text: &str) -> Foreign<String> {
        Foreign(text.to_owned())
    }
}

impl From<String> for Foreign<String> {
    fn from(text: String) -> Foreign<String> {
        Foreign(text)
    }
}

/// Texts for people, with this between them.
#[cfg(feature = "report")]
pub(crate) fn joined<T: AsRef<str>>(texts: &[Foreign<T>], between: &str) -> String {
    texts.iter().map(Foreign::line).collect::<Vec<_>>().join(between)
}

impl<T: AsRef<str>> fmt::Debug for Foreign<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.line())
    }
}

impl<T: AsRef<str>> PartialEq<str> for Foreign<T> {
    fn eq(&self, other: &str) -> bool {
        self.raw() == other
    }
}

impl<T: AsRef<str>> PartialEq<&str> for Foreign<T> {
    fn eq(&self, other: &&str) -> bool {
        self.raw() == *other
    }
}

/// Whatever writes JSON does so through `foreign::json` and its like.
impl<T: AsRef<str>> serde::Serialize for Foreign<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.raw())
    }
}

/// Whether a character moves the cursor, turns the direction of writing, or does not show: control characters
/// (Unicode's category Cc: C0, DEL and C1), separators of lines and paragraphs, anchors of annotations, and what
/// Unicode lists as `Default_Ignorable_Code_Point` (UAX #44): zero-width characters, direction marks and
/// overrides (UAX #9), selectors of variants, tags, fillers.
pub(crate) fn is_hidden(c: char) -> bool {
    matches!(c,
        '\0'..='\x1f' | '\x7f'..='\u{9f}' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Text with an escape in place of each character that does not stay. Most texts are plain ASCII, and stay
/// where they are.
fn escaped(text: &str, stays: impl Fn(char) -> bool) -> Cow<'_, str> {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Cow::Borrowed(text);
    }
    let Some(first) = text.find(|c| !stays(c)) else { return Cow::Borrowed(text) };
    let mut out = String::with_capacity(text.len() + 16);
    out.push_str(&text[..first]);
    for c in text[first..].chars() {
        // Writing to a string does not fail.
        let _ = match c {
            c if stays(c) => out.write_char(c),
            '\n' => out.write_str("\\n"),
            '\r' => out.write_str("\\r"),
            '\t' => out.write_str("\\t"),
            c if c.is_ascii() => write!(out, "\\x{:02x}", u32::from(c)),
            c => write!(out, "\\u{{{:x}}}", u32::from(c)),
        };
    }
    Cow::Owned(out)
}

/// Text on one line, without hidden characters.
pub(crate) fn line(text: &str) -> Cow<'_, str> {
    escaped(text, |c| !is_hidden(c))
}

/// Appends text without hidden characters, on the line that `out` ends with.
#[cfg(feature = "report")]
pub(crate) fn append(out: &mut String, text: std::fmt::Arguments) {
    struct Shown<'o>(&'o mut String);

    impl std::fmt::Write for Shown<'_> {
        fn write_str(&mut self, text: &str) -> std::fmt::Result {
            self.0.push_str(&line(text));
            Ok(())
        }
    }

    // Writing to a string does not fail.
    let _ = Shown(out).write_fmt(text);
}

/// Text with its line breaks, without other hidden characters.
pub(crate) fn lines(text: &str) -> Cow<'_, str> {
    escaped(text, |c| c == '\n' || !is_hidden(c))
}

/// A page of HTML, whose texts have been escaped as HTML asks, without hidden characters.
#[cfg(feature = "page")]
pub(crate) fn page(html: &str) -> Cow<'_, str> {
    lines(html)
}

/// Writes lines for people. A text is one line, whatever stands in it.
#[cfg(feature = "report")]
pub(crate) struct Lines<W> {
    out: W,
    before: &'static str,
    text: String,
}

#[cfg(feature = "report")]
impl<W: io::Write> Lines<W> {
    /// Lines on a terminal.
    pub(crate) fn new(out: W) -> Lines<W> {
        Lines { out, before: "", text: String::new() }
    }

    /// The same lines in Markdown, as they are: what is indented by four blanks is acted on by nothing
    /// (CommonMark section 4.4).
    pub(crate) fn preformatted(out: W) -> Lines<W> {
        Lines { before: "    ", ..Lines::new(out) }
    }

    /// Writes a line.
    pub(crate) fn line(&mut self, text: impl std::fmt::Display) -> io::Result<()> {
        self.text.clear();
        self.text.push_str(self.before);
        append(&mut self.text, format_args!("{text}"));
        self.text.push('\n');
        self.out.write_all(self.text.as_bytes())
    }

    /// Writes an empty line.
    pub(crate) fn blank(&mut self) -> io::Result<()> {
        writeln!(self.out)
    }
}

/// Text inside a line of Markdown, such as a cell of a table: without hidden characters, links, HTML, code or
/// emphasis, and without what would end the cell.
#[cfg(feature = "report")]
pub(crate) fn markdown(text: &str) -> Cow<'_, str> {
    let text = line(text);
    let is_live = |before: Option<char>, c: char, after: Option<char>| match c {
        '`' | '*' | '~' | '<' | '|' | '$' => true,
        '\\' => after.is_none_or(|c| c.is_ascii_punctuation()),
        // Within a word it is nothing but itself.
        '_' => ![before, after].iter().all(|c| c.is_some_and(char::is_alphanumeric)),
        '&' => after.is_some_and(|c| c == '#' || c.is_ascii_alphanumeric()),
        ']' => matches!(after, Some('(' | '[')),
        _ => false,
    };
    let mut out = String::new();
    let (mut before, mut copied) = (None, 0);
    for (at, c) in text.char_indices() {
        if is_live(before, c, text[at + c.len_utf8()..].chars().next()) {
            out.push_str(&text[copied..at]);
            out.push('\\');
            copied = at;
        }
        before = Some(c);
    }
    if copied == 0 && out.is_empty() {
        return text;
    }
    out.push_str(&text[copied..]);
    Cow::Owned(out)
}

/// Text that is a paragraph of Markdown, and begins no heading, list, quotation, code or definition of a link.
#[cfg(feature = "report")]
pub(crate) fn paragraph(text: &str) -> Cow<'_, str> {
    let safe = markdown(text);
    let start = safe.trim_start();
    let digits = start.bytes().take_while(u8::is_ascii_digit).count();
    let at = match start.as_bytes().get(digits) {
        Some(b'.' | b')') if digits > 0 => digits,
        Some(b'#' | b'>' | b'[') if digits == 0 => 0,
        Some(b'-' | b'+') if matches!(start.as_bytes().get(1), None | Some(b' ' | b'-')) => 0,
        _ if start.len() == safe.len() => return safe,
        _ => return Cow::Owned(start.to_owned()),
    };
    Cow::Owned(format!("{}\\{}", &start[..at], &start[at..]))
}

/// What makes a spreadsheet take a cell for a formula, as OWASP lists it.
const FORMULA: [char; 11] =
    ['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

/// A cell from outside, so that no spreadsheet takes it for a formula. One that begins with the
/// guard itself gets another, so that [`unguarded`] gives back what was there.
pub(crate) fn guarded(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(FORMULA) || cell.starts_with('\'') {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

/// The cell that [`guarded`] was given.
pub(crate) fn unguarded(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(FORMULA) || rest.starts_with('\'') => rest,
        _ => cell,
    }
}

/// A cell of a worksheet that belongs to the program, with its line breaks.
#[cfg(feature = "review")]
pub(crate) fn sheet_cell(text: &str) -> Cow<'_, str> {
    match lines(text) {
        Cow::Borrowed(text) => guarded(text),
        Cow::Owned(text) => Cow::Owned(guarded(&text).into_owned()),
    }
}

/// Whether the line breaks of a cell are part of it, and readers of the format know that (RFC 4180).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Breaks {
    /// They show as `\n`.
    #[cfg_attr(not(feature = "report"), allow(dead_code, reason = "only reports ask for it"))]
    Escaped,
    /// They stay.
    Kept,
}

/// A cell of CSV or TSV, without hidden characters, which no spreadsheet takes for a formula. A number stays
/// one, `-` stays what it is, and so does what is no formula for any of them, such as `->eth1`.
pub(crate) fn cell(text: &str, breaks: Breaks) -> Cow<'_, str> {
    let safe = match breaks {
        Breaks::Escaped => line(text),
        Breaks::Kept => lines(text),
    };
    if is_harmless(&safe) {
        return safe;
    }
    match guarded(&safe) {
        Cow::Borrowed(_) => safe,
        Cow::Owned(guarded) => Cow::Owned(guarded),
    }
}

/// Makes a [`cell`] of text safe where it stands. Most are plain words, which one look tells.
#[cfg(feature = "report")]
pub(crate) fn cell_in(out: &mut Vec<u8>, breaks: Breaks) {
    let is_plain = out.iter().all(|byte| matches!(byte, b' '..=b'~'))
        && !matches!(out.first(), Some(b'=' | b'+' | b'-' | b'@' | b'\''));
    if !is_plain
        && let Ok(text) = std::str::from_utf8(out)
        && let Cow::Owned(safe) = cell(text, breaks)
    {
        *out = safe.into_bytes();
    }
}

/// Whether a cell begins as a formula does, and is none.
fn is_harmless(cell: &str) -> bool {
    let is_number =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    cell == "-"
        || cell.starts_with("->")
        || cell.strip_prefix(['-', '+']).is_some_and(is_number)
        // An apostrophe that nobody takes for a guard.
        || cell.starts_with('\'') && unguarded(cell) == cell
}

/// A text that is JSON, with escapes in place of hidden characters. They can stand in strings alone, and mean
/// the same there (RFC 8259 section 7).
pub(crate) fn json_text(json: &str) -> Cow<'_, str> {
    let Some(first) = json.find(is_hidden_in_json) else { return Cow::Borrowed(json) };
    let mut out = String::with_capacity(json.len() + 16);
    out.push_str(&json[..first]);
    for c in json[first..].chars() {
        if is_hidden_in_json(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a string does not fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Those of C0 are escaped by whatever writes JSON; what stands between values is white space.
fn is_hidden_in_json(c: char) -> bool {
    c >= '\x7f' && is_hidden(c)
}

/// Writes a value as JSON.
#[cfg(feature = "report")]
pub(crate) fn json(out: impl io::Write, value: &(impl serde::Serialize + ?Sized)) -> io::Result<()> {
    Ok(serde_json::to_writer(JsonWriter(out), value)?)
}

/// Writes a JSON object with its members in this order.
pub(crate) fn json_object<'a>(
    out: impl io::Write,
    members: impl IntoIterator<Item = (&'a str, Option<&'a str>)>,
) -> io::Result<()> {
    use serde::Serializer;
    Ok(serde_json::Serializer::new(JsonWriter(out)).collect_map(members)?)
}

/// Writes a value as JSON over several lines.
#[cfg(feature = "review")]
pub(crate) fn json_pretty(out: impl io::Write, value: &(impl serde::Serialize + ?Sized)) -> io::Result<()> {
    Ok(serde_json::to_writer_pretty(JsonWriter(out), value)?)
}

/// Takes JSON in whole characters, as serde_json writes it.
struct JsonWriter<W>(W);

impl<W: io::Write> io::Write for JsonWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match std::str::from_utf8(bytes) {
            Ok(text) => self.0.write_all(json_text(text).as_bytes())?,
            Err(_) => self.0.write_all(bytes)?,
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// A word as the name of a file: ASCII letters, digits and a few signs, at most 200 octets, not hidden by a dot at
/// its front. What is left out shows as `_`.
#[cfg(feature = "report")]
pub(crate) fn file_name(text: &str) -> String {
    let stays = |c: char| c.is_ascii_alphanumeric() || "._+-".contains(c);
    let mut name: String = text.chars().map(|c| if stays(c) { c } else { '_' }).collect();
    if name.starts_with('.') {
        name.insert(0, '_');
    }
    name.truncate(200);
    name
}

/// The longest comment that nftables takes, in octets.
#[cfg(feature = "review")]
const MOST_COMMENT: usize = 128;

/// Text as every ruleset takes it within quotes: ASCII letters, digits and a few signs that end no
/// string and no comment in any of them, at most [`MOST_COMMENT`] octets. What is left out shows as
/// `?`, line ends as blanks.
#[cfg(feature = "review")]
pub(crate) fn rule_comment(text: &str) -> String {
    let stays = |c: char| c.is_ascii_alphanumeric() || " .,:;/_-()+@%'?".contains(c);
    let mut text: String = rule_line(text).chars().map(|c| if stays(c) { c } else { '?' }).collect();
    text.truncate(MOST_COMMENT);
    text
}

/// Text for a line of a ruleset that is a comment to its end: printable ASCII, at any length.
#[cfg(feature = "review")]
pub(crate) fn rule_line(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '"' | '\\' | '`' => '\'',
            ' '..='~' => c,
            c if c.is_whitespace() => ' ',
            _ => '?',
        })
        .collect()
}

#[cfg(test)]
impl<T> schemars::JsonSchema for Foreign<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        String::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        String::json_schema(generator)
    }
}

#[cfg(all(test, feature = "review"))]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_show_as_one_escape() {
        for (text, shown) in [
            ("eth0 → 10 €, é, ש, e\u{301}", "eth0 → 10 €, é, ש, e\u{301}"),
            ("\x1b]0;x\x07\x1b[31m", r"\x1b]0;x\x07\x1b[31m"),
            ("a\nb\r\tc\0\x7f", r"a\nb\r\tc\x00\x7f"),
            ("\u{9b}31m\u{85}", r"\u{9b}31m\u{85}"),
            (
                "exe.\u{202e}gpj\u{2066}\u{2069}\u{200b}\u{200d}",
                r"exe.\u{202e}gpj\u{2066}\u{2069}\u{200b}\u{200d}",
            ),
            ("\u{feff}\u{2028}\u{2029}\u{ad}\u{fe0f}", r"\u{feff}\u{2028}\u{2029}\u{ad}\u{fe0f}"),
            ("\u{e0041}\u{e0101}\u{3164}\u{fffa}", r"\u{e0041}\u{e0101}\u{3164}\u{fffa}"),
        ] {
            assert_eq!(line(text), shown);
            assert_eq!(line(shown), shown, "escaped once");
        }
        assert!(matches!(line("plain → text"), Cow::Borrowed(_)));
        assert_eq!(lines("a\nb\x1b"), "a\nb\\x1b");
    }

    #[test]
    fn no_control_character_is_forgotten() {
        let hidden = |c: &char| is_hidden(*c);
        assert_eq!(('\0'..=char::MAX).filter(|c| c.is_control()).filter(|c| !is_hidden(*c)).count(), 0);
        // 65 control characters, 2 separators, 3 anchors, and 4,174 of Default_Ignorable_Code_Point (Unicode 17).
        assert_eq!(('\0'..=char::MAX).filter(hidden).count(), 65 + 2 + 3 + 4174);
    }

    #[test]
    fn a_line_is_one_line() {
        let mut out = Vec::new();
        let mut lines = Lines::new(&mut out);
        lines.line(format_args!("name: {}", "x\nportscribe: forged\x1b[2J")).expect("written");
        lines.blank().expect("written");
        Lines::preformatted(&mut out).line("<script>`*").expect("written");
        let out = String::from_utf8(out).expect("UTF-8");
        assert_eq!(out, "name: x\\nportscribe: forged\\x1b[2J\n\n    <script>`*\n");
    }

    #[test]
    fn markdown_acts_on_nothing() {
        for (text, safe) in [
            ("http_alt one-way, [2001:db8::1]:443 34>47", "http_alt one-way, [2001:db8::1]:443 34>47"),
            ("<script>alert(1)</script>", r"\<script>alert(1)\</script>"),
            ("[a](javascript:alert(1)) ![b](x)", r"[a\](javascript:alert(1)) ![b\](x)"),
            ("[a][b]", r"[a\][b]"),
            ("a|b `c` *d* ~~e~~ _f_ $g$", r"a\|b \`c\` \*d\* \~\~e\~\~ \_f\_ \$g\$"),
            (r"a\|b\<c\", r"a\\\|b\\\<c\\"),
            ("a\x1b\u{202e}", r"a\x1b\u{202e}"),
            ("&lt;b&gt; R&D & co &#60;", r"\&lt;b\&gt; R\&D & co \&#60;"),
        ] {
            assert_eq!(markdown(text), safe);
        }
        assert!(matches!(markdown("plain → text"), Cow::Borrowed(_)));
        for (text, safe) in [
            ("6 flows.", "6 flows."),
            ("# heading", r"\# heading"),
            ("    code", "code"),
            ("> said", r"\> said"),
            ("1. list", r"1\. list"),
            ("- list", r"\- list"),
            ("[a]: javascript:x", r"\[a]: javascript:x"),
            ("---", r"\---"),
            ("+N counts", "+N counts"),
        ] {
            assert_eq!(paragraph(text), safe);
        }
    }

    #[test]
    fn cells_are_no_formulas_and_numbers_stay() {
        for (text, safe) in [
            ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
            ("+1+cmd", "'+1+cmd"),
            ("-2+3", "'-2+3"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", r"\t=1"),
            ("\u{ff1d}1", "'\u{ff1d}1"),
            ("'=1", "''=1"),
            ("'tis", "'tis"),
            ("-1", "-1"),
            ("-0.000000001", "-0.000000001"),
            ("-", "-"),
            ("->eth1", "->eth1"),
            ("a=1\nb", r"a=1\nb"),
            ("", ""),
        ] {
            assert_eq!(cell(text, Breaks::Escaped), safe);
            assert_eq!(unguarded(&cell(text, Breaks::Escaped)), line(text), "it comes back");
        }
        assert_eq!(cell("a\n=1\x1b", Breaks::Kept), "a\n=1\\x1b");
        assert_eq!(cell("\n=1", Breaks::Kept), "'\n=1");
    }

    #[test]
    fn json_means_the_same() {
        let text = "\x1b\x7f\u{9b}\u{202e}\u{e0041}é\n\"\\ \u{2028}";
        for pretty in [false, true] {
            let mut out = Vec::new();
            let value = serde_json::json!({ text: [text] });
            if pretty { json_pretty(&mut out, &value) } else { json(&mut out, &value) }.expect("JSON");
            let written = String::from_utf8(out).expect("UTF-8");
            assert!(!written.contains(|c| c != '\n' && is_hidden(c)), "{written}");
            assert_eq!(serde_json::from_str::<serde_json::Value>(&written).expect("JSON"), value);
        }
        assert_eq!(json_text("\"\u{7f}\u{e0041}é\""), r#""\u007f\udb40\udc41é""#);
    }

    #[test]
    fn a_comment_is_ascii_without_quotes_and_fits() {
        assert_eq!(rule_comment("a\"b\\c`d\ne\u{202e}é\u{0}\t~"), "a'b'c'd e??? ?");
        assert_eq!(
            rule_comment("http-alt (8080/tcp), 9 + 1: */ --> <b> $x {y} #"),
            "http-alt (8080/tcp), 9 + 1: ?/ --? ?b? ?x ?y? ?"
        );
        assert_eq!(rule_line("a\"b\\c`d\ne\u{202e}*/ é~"), "a'b'c'd e?*/ ?~");
        assert_eq!(rule_comment(&"é".repeat(200)), "?".repeat(128));
        assert_eq!(rule_line(&"x".repeat(200)).len(), 200);
    }
}
