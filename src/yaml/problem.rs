//! What to tell about a text that is no YAML: what is wrong, why, and what to do. The parser knows
//! the first; here it is put into words for somebody who writes manifests.

use std::borrow::Cow;

use granit_parser::ErrorKind;
use granit_parser::ScanError;

use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::yaml::MAX_DEPTH;

/// The diagnostic for an error at the byte `start` of `text`, to be placed at `span`.
pub(super) fn diagnostic(error: &ScanError, text: &str, start: usize, span: Span) -> Box<Diagnostic> {
    let rest = &text[start..];
    if matches!(error.kind(), ErrorKind::RecursionLimitExceeded) {
        return too_deep(span);
    }
    let (what, help) = words(error, rest);
    let diagnostic = Diagnostic::error("yaml-syntax", span, what);
    Box::new(match help {
        _ if line_around(text, start).contains("{{") => diagnostic
            .help("this looks like a template: render it first; if the braces are part of a text, put it in quotes"),
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    })
}

/// The diagnostic for a collection that is nested deeper than [`MAX_DEPTH`].
pub(super) fn too_deep(span: Span) -> Box<Diagnostic> {
    let what = format!("mappings and lists are nested deeper than the limit of {MAX_DEPTH} levels");
    Diagnostic::error("yaml-depth-limit", span, what)
        .help("no manifest needs that: look for brackets that are not closed")
        .into()
}

type Words = (Cow<'static, str>, Option<&'static str>);

fn words(error: &ScanError, rest: &str) -> Words {
    use ErrorKind as Kind;
    let (what, help) = match error.kind() {
        _ if rest.starts_with('\t') => {
            ("a tab cannot be used here", "YAML counts spaces for indentation: replace the tab by spaces")
        }
        Kind::TabNotAllowed | Kind::TabInBlockIndentation | Kind::TabInIndentation | Kind::TabAtBlockScalarStart => {
            ("a tab cannot be used here", "YAML counts spaces for indentation: replace the tab by spaces")
        }
        Kind::MappingValueNotAllowed | Kind::MappingKeyNotAllowed | Kind::InvalidColonPlacement => (
            "a `key: value` cannot stand here",
            "put a value that contains `: ` in quotes, or check the indentation of this line",
        ),
        Kind::SimpleKeyExpected | Kind::InvalidSimpleKey | Kind::ExpectedBlockMappingKey => (
            "a key and a `:` are expected here",
            "check the indentation of this line, and that the key before it has its `:`",
        ),
        Kind::ExpectedBlockSequenceEntry => {
            ("a `- ` is expected here, as in the items above", "check the indentation of this line")
        }
        Kind::BlockSequenceEntryNotAllowed | Kind::BlockEntryInFlowCollection => {
            ("a list cannot start here", "put the `-` on a line of its own, or the value in quotes if it is a text")
        }
        Kind::InvalidIndentation | Kind::InvalidFlowScalarIndent | Kind::InvalidBlockScalarIndent => {
            ("this line is not indented as those around it", "indent it like its neighbours, with spaces")
        }
        Kind::UnknownAnchor => {
            ("no anchor of this name stands before this alias", "put a value that starts with `*` in quotes")
        }
        Kind::CommentInterceptedScalar => {
            ("a comment cuts this text in two", "move the comment, or put the text in quotes")
        }
        Kind::CommentNotSeparated => {
            ("a comment needs a space before its `#`", "add a space, or put the value in quotes")
        }
        _ => return words_on_characters(error, rest),
    };
    (what.into(), Some(help))
}

/// What concerns quotes, brackets and single characters.
fn words_on_characters(error: &ScanError, rest: &str) -> Words {
    use ErrorKind as Kind;
    let (what, help): (Cow<'static, str>, _) = match error.kind() {
        Kind::UnclosedQuotedScalar | Kind::DocumentIndicatorInQuotedScalar => (
            "this text in quotes is never closed".into(),
            "add the closing quote; in single quotes, write `''` for a quote",
        ),
        Kind::InvalidQuotedScalarIndent if rest.is_empty() || rest.starts_with("---") => {
            ("the document ends here within a text in quotes".into(), "add the closing quote")
        }
        Kind::InvalidQuotedScalarIndent => {
            ("this line of a text in quotes is not indented".into(), "indent it deeper than the key")
        }
        Kind::InvalidTrailingSingleQuotedScalar => (
            "something follows the closing quote".into(),
            "put all of the value in quotes with `''` for a quote within, or add a comma between values",
        ),
        Kind::InvalidTrailingDoubleQuotedScalar => (
            "something follows the closing quote".into(),
            "put all of the value in quotes with `\\\"` for a quote within, or add a comma between values",
        ),
        Kind::UnknownQuotedScalarEscape => (
            "there is no such escape in YAML".into(),
            "write `\\\\` for a backslash, or use single quotes, which know no escapes",
        ),
        Kind::UnclosedFlowCollection { open } => (
            format!("`{open}` is never closed").into(),
            "add the closing bracket, or put the value in quotes if it is a text",
        ),
        Kind::MismatchedFlowCollectionEnd { open, close } => {
            (format!("`{open}` is closed by `{close}`").into(), "brackets and braces close in pairs")
        }
        Kind::ExpectedFlowMappingSeparator
        | Kind::UnexpectedEofFlowMapping
        | Kind::UnexpectedEofImplicitFlowMapping => (
            "a `,` or `}` is missing here".into(),
            "fields within braces are separated by commas; put texts with braces in quotes",
        ),
        Kind::ExpectedFlowSequenceSeparator | Kind::UnexpectedEofFlowSequence => (
            "a `,` or `]` is missing here".into(),
            "items within brackets are separated by commas; put texts with brackets in quotes",
        ),
        Kind::UnexpectedCharacter { character } if character.is_control() => (
            format!("the character U+{:04X} cannot stand in YAML", u32::from(*character)).into(),
            "remove it; in double quotes it can be written as an escape",
        ),
        Kind::UnexpectedCharacter { character } => {
            (format!("a value cannot start with `{character}`").into(), "put the value in quotes")
        }
        _ => return words_on_rarities(error),
    };
    (what, Some(help))
}

/// What few people ever meet.
fn words_on_rarities(error: &ScanError) -> Words {
    use ErrorKind as Kind;
    let (what, help) = match error.kind() {
        Kind::InvalidLowSurrogateHexEscape
        | Kind::InvalidLowSurrogate
        | Kind::MissingLowSurrogate
        | Kind::UnpairedLowSurrogate => (
            "this escape is only half of a character",
            "write the character itself, or its number behind `\\U` with eight digits",
        ),
        Kind::MissingDocumentEndBeforeDirective => (
            "a line with `%` stands before a document, and the one before it is not ended",
            "remove the line, or put it in quotes if it is a text",
        ),
        Kind::DuplicateVersionDirective => ("there is a second `%YAML` here", "remove this line"),
        Kind::BomInsideDocument => (
            "an invisible byte order mark (U+FEFF) stands here, within a document",
            "remove it; in double quotes it can be written as an escape",
        ),
        _ => return (error.info().into(), None),
    };
    (what.into(), Some(help))
}

/// The line that holds a byte.
fn line_around(text: &str, at: usize) -> &str {
    let start = text[..at].rfind('\n').map_or(0, |index| index + 1);
    let end = text[at..].find('\n').map_or(text.len(), |index| at + index);
    &text[start..end]
}
