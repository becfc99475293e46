//! What the parser reads and the programs that will get the file do not: directives at its start, escapes that only
//! JSON has, some merge keys. Asked for where a file is read in their place, since a config of ours need not mind.

use memchr::memchr;
use memchr::memmem;

use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::yaml::Node;
use crate::yaml::Parsed;
use crate::yaml::Style;
use crate::yaml::tree::at;

/// Who reads a file, and as what.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum As {
    /// kubectl, a manifest.
    Manifest,
    /// kustomize, resources or a patch that looks like them.
    Resources,
    /// kustomize, a file of its own or a JSON patch that is YAML.
    Settings,
}

impl Parsed {
    /// The first thing for which the file is refused by whoever reads it as `role`.
    pub fn refused(&self, role: As) -> Option<Diagnostic> {
        let sources = self.tree.sources();
        let text = sources.get(self.source).text();
        // kubectl takes what starts so for JSON, whose escapes these are.
        let is_json = role == As::Manifest && text.trim_start().starts_with('{');
        let directive = || self.directive(text, role);
        let escape = || {
            let mut nodes = self.nodes(!is_json && has_escape(text));
            nodes.find_map(|node| node.key().and_then(escape).or_else(|| escape(node)))
        };
        let merge = || self.merged_twice.first().copied().map(merged_twice);
        let of_any = self.mark(text, role).or_else(directive).or_else(escape);
        let is_resources = role == As::Resources;
        of_any.or_else(|| is_resources.then(|| merge().or_else(|| self.quoted_merge_key())).flatten())
    }

    /// A field of a resource or a patch that kustomize drops, or merges, although it is in quotes.
    pub fn quoted_merge_key(&self) -> Option<Diagnostic> {
        let text = self.tree.sources().get(self.source).text();
        let may_hold = memmem::find(text.as_bytes(), b"<<").is_some();
        let is_worth_it = may_hold && ["\"<<\"", "'<<'"].iter().any(|key| text.contains(key));
        let mut keys = self.nodes(is_worth_it).filter_map(Node::key);
        let key = keys.find(|key| key.text() == "<<" && key.style() != Style::Plain)?;
        let what = "kustomize does not keep a field with the name `<<`, not even in quotes";
        Some(Self::error(key.span(), what).help("call it something else"))
    }

    /// The byte order mark that is none for kustomize: one after another, or before the marker of a document. In
    /// front of a document it may stand where each is read by itself.
    fn mark(&self, text: &str, role: As) -> Option<Diagnostic> {
        const MARK: char = '\u{feff}';
        // Nearly all texts have not even its first byte.
        memchr(0xEF, text.as_bytes())?;
        // The first one of a file is gone by now; that of a text within another is not.
        let is_file = self.tree.sources().get(self.source).is_below_root();
        let marks = text.chars().take_while(|&char| char == MARK).count();
        let is_first = role != As::Manifest && marks > usize::from(!is_file);
        // kustomize parts documents where a line begins with a marker, and no line ends before the first one.
        let first_line = text.split_inclusive('\n').next().filter(|line| line.starts_with("---")).map(str::len);
        let behind_first = first_line.filter(|&at| role == As::Resources && text[at..].starts_with(MARK));
        let later = || match role {
            As::Settings => text.find("\n\u{feff}"),
            As::Manifest | As::Resources => text.find("\n\u{feff}---").or_else(|| Some(behind_first? - 1)),
        };
        let start = if is_first { Some(0) } else { later().map(|at| at + 1) }?;
        let span = at(self.source, start, start + MARK.len_utf8());
        let what = "an invisible byte order mark (U+FEFF) stands here, which kustomize and kubectl take for text";
        Some(Self::error(span, what).help("remove it"))
    }

    /// The directive that stands before the first document. Of most files each document is read by itself, from
    /// one marker to the next, and then a directive is one without a document.
    fn directive(&self, text: &str, role: As) -> Option<Diagnostic> {
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let is_refused = role != As::Settings || !(line.starts_with("%YAML 1.1") || line.starts_with("%TAG"));
            if line.starts_with('%') && is_refused {
                let end = start + line.trim_end().len();
                let what = if role == As::Settings {
                    "kustomize knows only the directives `%YAML 1.1` and `%TAG`"
                } else {
                    "kustomize and kubectl cannot read a directive before a document"
                };
                return Some(Self::error(at(self.source, start, end), what).help("remove this line"));
            }
            if !line.starts_with(['%', '#']) && !line.trim().is_empty() {
                return None;
            }
            start += line.len();
        }
        None
    }

    /// All nodes, if there is something to look for.
    fn nodes(&self, is_worth_it: bool) -> impl Iterator<Item = Node<'_>> {
        let documents = self.documents.iter().filter(move |_| is_worth_it);
        documents.flat_map(|document| self.tree.node(document.root).descendants())
    }

    fn error(span: Span, what: &str) -> Diagnostic {
        Diagnostic::error("yaml-syntax", span, what)
    }
}

/// Whether an escape that Go does not know may be in a text.
fn has_escape(text: &str) -> bool {
    // Most files have no backslash at all, and looking for one byte is the quickest way to see that.
    text.contains('\\') && ["\\/", "\\ud", "\\uD", "\\U0000d", "\\U0000D"].iter().any(|escape| text.contains(escape))
}

/// The escape in a text in double quotes that only JSON knows.
fn escape(node: Node<'_>) -> Option<Diagnostic> {
    let span = node.span();
    let source = node.tree().sources().get(span.source);
    let text = source.text().get(span.start as usize..span.end as usize)?;
    if node.style() != Style::DoubleQuoted || !text.starts_with('"') {
        return None;
    }
    let mut rest = text;
    while let Some(index) = rest.find('\\') {
        rest = &rest[index + 1..];
        let escape = &text[text.len() - rest.len() - 1..];
        let digits = rest.strip_prefix('u').or_else(|| rest.strip_prefix("U0000")).unwrap_or_default();
        let is_half = digits.starts_with(['d', 'D'])
            && digits.chars().nth(1).is_some_and(|digit| matches!(digit, '8' | '9' | 'a'..='f' | 'A'..='F'));
        let start = span.start as usize + text.len() - escape.len();
        if rest.starts_with('/') {
            let what = "kustomize and kubectl know the escape `\\/` only in JSON";
            return Some(Parsed::error(at(span.source, start, start + 2), what).help("write `/`"));
        }
        if is_half {
            let end = start + escape.len() - digits.len() + 4;
            let what = "kustomize and kubectl know halves of a character only in JSON";
            let help = "write the character itself, or its number behind `\\U` with eight digits";
            return Some(Parsed::error(at(span.source, start, end), what).help(help));
        }
        // What is escaped may be a backslash itself.
        rest = rest.get(rest.chars().next().map_or(0, char::len_utf8)..).unwrap_or_default();
    }
    None
}

fn merged_twice(second: Span) -> Diagnostic {
    let what = "kustomize takes only one `<<` in a mapping";
    Parsed::error(second, what).help("merge several with one: `<<: [*first, *second]`")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::As;
    use crate::source::Sources;
    use crate::yaml::Reader;
    use crate::yaml::emit_all;
    use crate::yaml::parse;

    fn refused(text: &str, role: As) -> Option<String> {
        let sources = Arc::new(Sources::in_memory());
        let parsed = parse(&sources, sources.add("a.yaml", text), Reader::Kubectl);
        assert!(parsed.diagnostics.is_empty(), "{text}: {:?}", parsed.diagnostics);
        let problem = parsed.refused(role)?;
        let place = sources.location(problem.primary.span);
        Some(format!("{}:{} {}", place.line, place.column, problem.message))
    }

    #[test]
    fn a_directive_has_no_document_where_each_is_read_by_itself() {
        let what = "2:1 kustomize and kubectl cannot read a directive before a document";
        for role in [As::Manifest, As::Resources] {
            assert_eq!(refused("# a\n%YAML 1.1\n---\na: b\n", role).as_deref(), Some(what));
            assert_eq!(refused("a: b\n...\n%YAML 1.1\n---\na: b\n", role), None);
            assert_eq!(refused("a:\n  - b\n  - '%YAML 1.1'\n", role), None);
        }
        assert_eq!(refused("%YAML 1.1\n---\na: b\n", As::Settings), None);
        assert!(refused("%YAML 1.2\n---\na: b\n", As::Settings).is_some());
    }

    #[test]
    fn escapes_of_json_are_refused_in_yaml() {
        let slash = Some("1:7 kustomize and kubectl know the escape `\\/` only in JSON".to_owned());
        let half = Some("1:5 kustomize and kubectl know halves of a character only in JSON".to_owned());
        for role in [As::Manifest, As::Resources, As::Settings] {
            assert_eq!(refused(r#"a: "bc\/d""#, role), slash);
            assert_eq!(refused(r#"a: "\uD83D\uDE00""#, role), half);
            assert!(refused(r#""a\/": b"#, role).is_some());
            assert_eq!(refused(r#"a: "\\/ \\ud83d""#, role), None);
            assert_eq!(refused(r"a: '\/ \ud83d'", role), None);
        }
        assert_eq!(refused(r#"{"a": "\/ \ud83d\ude00"}"#, As::Manifest), None);
        assert!(refused(r#"{"a": "\/"}"#, As::Resources).is_some());
    }

    #[test]
    fn several_merge_keys_and_such_in_quotes_are_none_for_resources() {
        let twice = "a: &a {b: c}\nd:\n  <<: *a\n  <<: {e: f}\n";
        assert_eq!(refused(twice, As::Resources).as_deref(), Some("4:3 kustomize takes only one `<<` in a mapping"));
        assert_eq!(refused(twice, As::Settings), None);
        assert!(refused("a: {'<<': {b: c}}", As::Resources).is_some());
        assert_eq!(refused("a: {'<<': {b: c}}", As::Manifest), None);
        assert_eq!(refused("a: ['<<']\nb: {<<: []}\n", As::Resources), None);
    }

    #[test]
    fn a_mark_may_stand_before_each_document() {
        let sources = Arc::new(Sources::in_memory());
        let text = "\u{feff}a: 1\n---\n\u{feff}b: 2\n--- # c\r\n\u{feff}c:\n  d: 3\n";
        let parsed = parse(&sources, sources.add("a.yaml", text), Reader::Kustomize);
        let roots = parsed.documents.iter().map(|document| parsed.tree.node(document.root));
        assert_eq!(emit_all(roots.clone()).unwrap(), "a: 1\n---\nb: 2\n---\nc:\n  d: 3\n");
        let places = roots.map(|root| sources.location(root.fields().next().unwrap().0.span()).line);
        assert_eq!(places.collect::<Vec<_>>(), [1, 3, 5]);
        assert_eq!(parsed.refused(As::Resources).map(|problem| problem.message), None);
        assert!(refused("---\n\u{feff}a: b\n", As::Settings).is_some());
        assert!(refused("a: b\n...\n\u{feff}---\nc: d\n", As::Manifest).is_some());
    }
}
