//! What every page has: its head, its style, and what a browser may load for it and run in it.

use maud::{DOCTYPE, Markup, PreEscaped, html};

/// The style that all pages share: on screen and on paper, light and dark.
const STYLE: &str = include_str!("style.css");

/// What a page is besides its content.
pub(crate) struct Shell<'a> {
    pub(crate) title: &'a str,
    /// Style of this page alone.
    pub(crate) style: &'a str,
    /// The one script that may run, by its hash; a page without loads and runs nothing.
    pub(crate) script: Option<Script<'a>>,
}

/// A script with its hash, as a Content Security Policy names it (CSP level 3, section 6.7.2.2).
pub(crate) struct Script<'a> {
    pub(crate) text: &'a str,
    /// SHA-256 in base64.
    pub(crate) sha256: String,
}

impl Shell<'_> {
    /// What a browser may load for the page and run in it: nothing but its own style, and its script.
    fn policy(&self) -> String {
        let script = self
            .script
            .as_ref()
            .map_or_else(String::new, |script| format!("script-src 'sha256-{}'; ", script.sha256));
        format!("default-src 'none'; {script}style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'")
    }

    /// The whole page around its body.
    pub(crate) fn around(&self, body: &Markup) -> Markup {
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content=(self.policy());
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { (self.title) }
                    style { (PreEscaped(STYLE)) (PreEscaped(self.style)) }
                }
                body {
                    (body)
                    @if let Some(script) = &self.script { script { (PreEscaped(script.text)) } }
                }
            }
            "\n"
        }
    }
}
