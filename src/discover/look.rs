//! A cheap look at a text, to tell whether it is worth parsing. It reads each byte at most once,
//! builds nothing, and rather says yes once too often: the parsed text has the last word.

/// What a text may be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Look {
    /// A document of it has `apiVersion` or `kind` at its top.
    Object,
    /// A list whose items begin with a field of a JSON patch.
    JsonPatch,
    /// Nothing of ours.
    Other,
}

/// Looks at YAML, or at JSON in a YAML file.
pub(super) fn yaml(text: &str) -> Look {
    let mut looks_like_patch = false;
    // The column at which the fields of the present document stand.
    let mut top = None;
    let mut rest = text;
    while !rest.is_empty() {
        let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
        let content = match line.strip_prefix("---") {
            Some(after_marker) => {
                top = None;
                after_marker.trim_start()
            }
            None => line.trim_start(),
        };
        if content.is_empty() || content.starts_with(['#', '%']) {
            rest = after;
            continue;
        }
        let column = line.len() - content.len();
        if top.is_none() && content.starts_with(['{', '[']) {
            // The document is JSON, or near enough; those behind it are looked at as well.
            let document = &rest[line.len() - content.len()..];
            match json(&document[..document.find("\n---").unwrap_or(document.len())]) {
                Look::Other => {}
                look => return look,
            }
        }
        let is_first = top.is_none();
        if column <= *top.get_or_insert(column) {
            if is_key_of_object(content) {
                return Look::Object;
            }
            let item = content.strip_prefix("- ").map(str::trim_start);
            looks_like_patch |= is_first && item.is_some_and(begins_operation);
        }
        rest = after;
    }
    if looks_like_patch { Look::JsonPatch } else { Look::Other }
}

fn begins_operation(item: &str) -> bool {
    ["op", "path", "value", "from"].iter().any(|key| is_key(item, key)) || item.starts_with('{')
}

fn is_key_of_object(line: &str) -> bool {
    is_key(line, "apiVersion") || is_key(line, "kind")
}

/// Whether `line` begins with the key, in quotes or without.
fn is_key(line: &str, key: &str) -> bool {
    let quote = line.chars().next().filter(|&char| char == '"' || char == '\'');
    let line = quote.map_or(line, |quote| &line[quote.len_utf8()..]);
    let Some(mut after) = line.strip_prefix(key) else { return false };
    if let Some(quote) = quote {
        match after.strip_prefix(quote) {
            Some(rest) => after = rest,
            None => return false,
        }
    }
    after.trim_start().starts_with(':')
}

/// Looks at JSON: the keys of the outermost object, or of the first object of a list.
pub(super) fn json(text: &str) -> Look {
    let is_list = text.trim_start().starts_with('[');
    let wanted_depth = if is_list { 2 } else { 1 };
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth + 1 == wanted_depth {
                    return Look::Other;
                }
            }
            b'"' => {
                let start = at + 1;
                at = end_of_string(bytes, start);
                if depth == wanted_depth
                    && let Some(look) = text.get(start..at).and_then(|key| means(key, is_list))
                    && text.get(at + 1..).is_some_and(|after| after.trim_start().starts_with(':'))
                {
                    return look;
                }
            }
            // A key without quotes, which only YAML knows.
            b'a' | b'k' if depth == wanted_depth && !is_list && is_key_of_object(&text[at..]) => return Look::Object,
            _ => {}
        }
        at += 1;
    }
    Look::Other
}

fn means(key: &str, in_list: bool) -> Option<Look> {
    match key {
        "apiVersion" | "kind" if !in_list => Some(Look::Object),
        "op" | "path" if in_list => Some(Look::JsonPatch),
        _ => None,
    }
}

/// The byte of the quote that ends the string that starts at `at`, or the end of the text.
fn end_of_string(bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    at.min(bytes.len())
}

/// Whether an action of a template stands where YAML expects a value, a key or a line. In quotes
/// it would be text, as it is in alerts and dashboards, and as it is in a block scalar. Lines that go on with a text
/// in quotes can't be told from others here, so this is only asked about what does not parse.
pub(super) fn has_bare_action(text: &str) -> bool {
    if !text.contains("{{") {
        return false;
    }
    // The column of the line that a block scalar belongs to.
    let mut block = None;
    text.lines().any(|line| {
        let content = line.trim_start();
        let column = line.len() - content.len();
        if content.is_empty() || block.is_some_and(|owner| column > owner) {
            return false;
        }
        block = opens_block(content).then_some(column);
        let Some(at) = line.find("{{") else { return false };
        let before = line[..at].trim_end();
        // Right behind a letter or a dash it is a part of a text.
        if !line[..at].is_empty() && !line[..at].ends_with([' ', '\t']) {
            return false;
        }
        before.is_empty() || before.ends_with([':', '-']) && !before.contains(['"', '\'', '#'])
    })
}

/// Whether a block scalar begins on the next line: `key: |`, `- >-`, `key: |2 # why`.
fn opens_block(content: &str) -> bool {
    let content = content.split(" #").next().unwrap_or_default().trim_end();
    let header = content.trim_end_matches(|char: char| char.is_ascii_digit() || "+-".contains(char));
    header.strip_suffix(['|', '>']).is_some_and(|before| {
        let before = before.trim_end();
        before.ends_with([':', '-']) && !before.contains("{{")
    })
}

#[cfg(test)]
mod tests {
    use super::Look;
    use super::has_bare_action;
    use super::json;
    use super::yaml;

    #[test]
    fn an_object_is_seen_at_the_top_of_any_document() {
        for text in [
            "apiVersion: v1\n",
            "# about\n---\nmetadata: {}\nkind: A\n",
            "a: 1\n---\nkind: A\n",
            "  kind: A\n",
            "'kind' : A\n",
            "--- # first\n{\n \"kind\": \"A\"}",
            "{apiVersion: v1}",
            "{a: 1}\n---\nkind: A",
        ] {
            assert_eq!(yaml(text), Look::Object, "{text}");
        }
        for text in ["a:\n  kind: A\n", "kinds: 1\n", "- kind: A\n", "", "a: |\n  apiVersion: v1\n", "'kind\": a"] {
            assert_eq!(yaml(text), Look::Other, "{text}");
        }
    }

    #[test]
    fn a_json_patch_is_a_list_of_operations() {
        assert_eq!(yaml("# p\n- op: remove\n  path: /a\n"), Look::JsonPatch);
        assert_eq!(yaml("- path: /a\n  op: remove\n"), Look::JsonPatch);
        assert_eq!(json("[{\"path\": \"/a\", \"op\": \"remove\"}]"), Look::JsonPatch);
        assert_eq!(yaml("- name: op\n"), Look::Other);
    }

    #[test]
    fn only_the_outermost_keys_of_json_count() {
        assert_eq!(json("{\"a\": {\"kind\": 1}, \"kind\": \"A\"}"), Look::Object);
        assert_eq!(json("{\"a\": {\"kind\": 1}, \"b\": \"kind\"}"), Look::Other);
        assert_eq!(json("{\"a\\\"\": \"{\\\\\", \"apiVersion\": 1}"), Look::Object);
        assert_eq!(json("[{\"kind\": 1}]"), Look::Other);
        assert_eq!(json("{\"a\": \"\\"), Look::Other);
        assert_eq!(json("}}{\"é"), Look::Other);
        assert_eq!(json("{\"kind"), Look::Other);
    }

    #[test]
    fn a_text_may_end_anywhere() {
        let whole =
            "--- {\"é\\\"\": [{kind : 1}], 'ü': \"\\é\",\n\"apiVersion\"\n---\n- {op\n- \"path\" :\n[\"op\" {{\n%é\n";
        for end in (0..=whole.len()).filter(|&end| whole.is_char_boundary(end)) {
            for start in (0..=end).filter(|&start| whole.is_char_boundary(start)) {
                let text = &whole[start..end];
                assert!(yaml(text) != Look::Object || text.contains("kind") || text.contains("apiVersion"), "{text}");
                assert!(json(text) != Look::JsonPatch || text.contains("op") || text.contains("path"), "{text}");
                assert!(!has_bare_action(text) || text.contains("{{"), "{text}");
            }
        }
    }

    #[test]
    fn an_action_in_a_text_is_no_template() {
        for text in ["a: {{ .Values.a }}", "{{- if .a }}\na: 1", "- {{ .a }}", "a:\n  {{ .b }}: 1"] {
            assert!(has_bare_action(text), "{text}");
        }
        for text in ["a: |\n  {{ .b }}\n\n  - {{ .c }}\nb: [", "a:\n  - >-\n    {{ .b }}: 1"] {
            assert!(!has_bare_action(text), "{text}");
        }
        for text in ["a: |\n{{ .b }}\n", "a:\n  b: |2 # c\n    {{ .b }}\n  c: {{ .d }}", "a: {{ .b | c }}\n"] {
            assert!(has_bare_action(text), "{text}");
        }
        for text in [
            "- name: pull-{{ .Release.Name }}-registry",
            "a: 'x: {{ $labels.pod }}'",
            "a: is {{ $value }}",
            "a: \"{{ .a }}\"",
            "# a: {{ b }}",
        ] {
            assert!(!has_bare_action(text), "{text}");
        }
    }
}
