//! The README's examples are what the program prints.
//!
//! `BLESS=1 cargo test --test readme` writes them anew; read the difference before you keep it.

mod support;

/// Runs the line behind `$ ` of an example.
fn output_of(line: &str) -> String {
    let mut words = line.split_whitespace();
    assert_eq!(words.next(), Some("portscribe"), "{line}");
    let output = support::portscribe(words);
    assert!(matches!(output.status.code(), Some(0 | 1)), "{line}: {}", support::stderr(&output));
    support::stdout(&output)
}

#[test]
fn examples_are_what_the_program_prints() {
    let path = support::samples().join("../README.md");
    let readme = std::fs::read_to_string(&path).expect("README.md");
    let mut made = String::new();
    let mut examples = 0;
    let mut lines = readme.lines();
    while let Some(line) = lines.next() {
        made.push_str(line);
        made.push('\n');
        if line != "```console" {
            continue;
        }
        let command = lines
            .next()
            .and_then(|line| line.strip_prefix("$ "))
            .expect("an example begins with its command");
        made = format!("{made}$ {command}\n{}```\n", output_of(command));
        lines.by_ref().find(|line| *line == "```").expect("an example ends");
        examples += 1;
    }
    assert!(examples >= 4, "{examples} examples");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &made).expect("README.md");
    }
    assert_eq!(made, readme);
}
