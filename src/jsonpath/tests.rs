//! What each rule of RFC 9535 means here, by example; then what goes beyond it. The compliance
//! suite runs from `tests/jsonpath.rs`.

use std::fmt::Write as _;
use std::sync::Arc;

use super::Exhausted;
use super::MAX_NESTING;
use super::Query;
use super::QueryError;
use super::display_path;
use super::path_of;
use crate::source::Sources;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Parsed;
use crate::yaml::Reader;
use crate::yaml::Tree;
use crate::yaml::parse;

/// A deployment's worth of structure without the noise.
const SHIP: &str = "
name: Cutty Sark
built: 1869
tonnage: 963.5
masts: [fore, main, mizzen]
crew:
- {name: Ann, rank: captain, age: 51}
- {name: Bo, rank: mate, age: 30, tags: [old, 'two words']}
- {name: Cy, age: null}
hold: {tea: 600, wool: {bales: 4}}
";

fn read(text: &str) -> Parsed {
    let sources = Arc::new(Sources::in_memory());
    let source = sources.add("ship.yaml", text);
    let parsed = parse(&sources, source, Reader::Kustomize);
    assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
    parsed
}

fn root(parsed: &Parsed) -> Node<'_> {
    parsed.tree.node(parsed.documents[0].root)
}

/// The paths of what a query selects in a document, with ` ?` behind those that are not certain.
fn paths(query: &str, top: Node<'_>) -> Vec<String> {
    let parsed = Query::parse(query, &[""]).unwrap_or_else(|error| panic!("{query}: {error}"));
    let selected = parsed.select(&[("", top)]).unwrap();
    let path = |node| display_path(node, top);
    selected.iter().map(|one| path(one.node) + if one.certain { "" } else { " ?" }).collect()
}

fn error(query: &str) -> QueryError {
    Query::parse(query, &["", "pod", "param"]).expect_err(query)
}

#[track_caller]
fn selects(document: &str, cases: &[(&str, &[&str])]) {
    let parsed = read(document);
    for (query, expected) in cases {
        assert_eq!(paths(query, root(&parsed)), *expected, "{query}");
    }
}

/// Marks the scalar at a path as unknown.
fn with_unknown(mut parsed: Parsed, query: &str) -> Parsed {
    let selected = Query::parse(query, &[""]).unwrap().select(&[("", root(&parsed))]).unwrap();
    let ids: Vec<NodeId> = selected.iter().map(|one| one.node.id()).collect();
    assert!(!ids.is_empty(), "{query}");
    ids.into_iter().for_each(|id| parsed.tree.mark_unknown(id));
    parsed
}

#[test]
fn names_and_indexes_select_at_most_one_node() {
    selects(
        SHIP,
        &[
            ("$", &[""]),
            ("$.name", &["name"]),
            ("$['name']", &["name"]),
            (r#"$["na\u006de"]"#, &["name"]),
            ("$ .crew [ 1 ] .tags", &["crew[1].tags"]),
            ("$.masts[0]", &["masts[0]"]),
            ("$.masts[-1]", &["masts[2]"]),
            ("$.masts[3]", &[]),
            ("$.masts[-4]", &[]),
            ("$.masts.fore", &[]),
            ("$.hold[0]", &[]),
            ("$.name.first", &[]),
            ("$.Name", &[]),
        ],
    );
}

#[test]
fn wildcards_and_unions_select_in_the_order_written() {
    selects(
        SHIP,
        &[
            ("$.masts[*]", &["masts[0]", "masts[1]", "masts[2]"]),
            ("$.hold.*", &["hold.tea", "hold.wool"]),
            ("$.name.*", &[]),
            ("$['built', 'name', 'built']", &["built", "name", "built"]),
            ("$.masts[2, 0:1, 2]", &["masts[2]", "masts[0]", "masts[2]"]),
            ("$.crew[*].name", &["crew[0].name", "crew[1].name", "crew[2].name"]),
        ],
    );
}

#[test]
fn slices_step_either_way_and_stop_at_the_ends() {
    let items = |query: &str| {
        let parsed = read("[0, 1, 2, 3, 4]");
        let selected = Query::parse(query, &[""]).unwrap().select(&[("", root(&parsed))]).unwrap();
        selected.iter().map(|one| one.node.text()).collect::<String>()
    };
    for (slice, expected) in [
        ("[:]", "01234"),
        ("[::]", "01234"),
        ("[1:3]", "12"),
        ("[3:1]", ""),
        ("[-2:]", "34"),
        ("[:-2]", "012"),
        ("[-99:2]", "01"),
        ("[2:99]", "234"),
        ("[::2]", "024"),
        ("[1::2]", "13"),
        ("[::0]", ""),
        ("[::-1]", "43210"),
        ("[::-2]", "420"),
        ("[3:0:-1]", "321"),
        ("[0:3:-1]", ""),
        ("[99:-99:-2]", "420"),
        ("[-1:-3:-1]", "43"),
        ("[ 0 : 2 : 1 ]", "01"),
        ("[9007199254740991::9007199254740991]", ""),
        ("[::-9007199254740991]", "4"),
    ] {
        assert_eq!(items(&format!("${slice}")), expected, "{slice}");
    }
    selects(SHIP, &[("$.hold[:]", &[]), ("$.name[0:1]", &[])]);
}

#[test]
fn descendants_come_parents_first() {
    selects(
        SHIP,
        &[
            ("$..name", &["name", "crew[0].name", "crew[1].name", "crew[2].name"]),
            ("$..[1]", &["masts[1]", "crew[1]", "crew[1].tags[1]"]),
            ("$.hold..*", &["hold.tea", "hold.wool", "hold.wool.bales"]),
            ("$..['tea', 'bales']", &["hold.tea", "hold.wool.bales"]),
            ("$.crew..tags..*", &["crew[1].tags[0]", "crew[1].tags[1]"]),
            ("$.built..*", &[]),
        ],
    );
}

#[test]
fn a_filter_asks_whether_something_is_there() {
    selects(
        SHIP,
        &[
            ("$.crew[?@.rank].name", &["crew[0].name", "crew[1].name"]),
            ("$.crew[?!@.rank].name", &["crew[2].name"]),
            ("$.crew[?@.age]", &["crew[0]", "crew[1]", "crew[2]"]),
            ("$.crew[?@..[?@ == 'old']]", &["crew[1]"]),
            ("$[?@.*]", &["masts", "crew", "hold"]),
            ("$.hold[?@.bales]", &["hold.wool"]),
            ("$.crew[?$.captain]", &[]),
            ("$.name[?@]", &[]),
        ],
    );
}

#[test]
fn conditions_bind_as_in_other_languages() {
    let cases: &[(&str, &str)] = &[
        ("@.a && @.b", "ab abc"),
        ("@.a || @.b && @.c", "a ab ac abc bc"),
        ("(@.a || @.b) && @.c", "ac abc bc"),
        ("!@.a && !@.b", "c"),
        ("!(@.a && @.b)", "a ac bc c"),
        ("! ( @.a || @.b )", "c"),
        ("@.a\t&&\n(@.b)\r&& @.c", "abc"),
    ];
    let parsed = read("{a: {a: }, ab: {a: , b: }, ac: {a: , c: }, abc: {a: , b: , c: }, bc: {b: , c: }, c: {c: }}");
    for (condition, expected) in cases {
        assert_eq!(paths(&format!("$[?{condition}]"), root(&parsed)).join(" "), *expected, "{condition}");
    }
}

/// Whether a comparison holds in a fixed document.
fn holds(condition: &str) -> bool {
    let parsed = read(
        "
values: {
  null: null, one: 1, float: 1.0, big: 9007199254740993, text: abc, digit: '1', yes: true, no: false, date: 2024-02-29,
  nan: .nan, list: [1, [2]], list2: [1.0, [2]], map: {a: 1, b: {c: 2}}, map2: {b: {c: 2}, a: 1}, map3: {a: 1, b: {c: 3}},
  empty: {}, none: [], sparkle: \"\\ud83d\\ude00\",
}",
    );
    match paths(&format!("$[?{condition}]"), root(&parsed)).as_slice() {
        [] => false,
        [one] => one == "values",
        more => panic!("{more:?}"),
    }
}

#[test]
fn equality_compares_values_of_the_same_type() {
    for condition in [
        "@.one == 1",
        "@.one == 1.0",
        "@.one == 10e-1",
        "@.one == @.float",
        "@.one != @.digit",
        "@.digit == '1'",
        "@.big != 9007199254740992",
        "@.big != 9007199254740992.0",
        "@.text == \"abc\"",
        "@.text != 'ABC'",
        "@.yes == true",
        "@.yes != @.no",
        "@.no != 0",
        "@.null == null",
        "@.null != 'null'",
        "@.date == '2024-02-29'",
        "@.nan != @.nan",
        "@.list == @.list2",
        "@.list != @.none",
        "@.map == @.map2",
        "@.map != @.map3",
        "@.empty != @.none",
        "@.list[0] == @.map.a",
        "-0 == 0",
        "@.sparkle == '\\uD83D\\uDE00'",
        "@['one'] == @.list[-2]",
    ] {
        assert!(holds(condition), "{condition}");
    }
}

#[test]
fn what_is_missing_equals_only_what_is_missing() {
    for condition in ["@.gone == @.away", "@.gone != null", "@.null != @.gone", "@.gone != ''", "@.gone <= @.away"] {
        assert!(holds(condition), "{condition}");
    }
    for condition in ["@.gone == null", "@.gone < 1", "@.gone > 1", "@.gone < @.away", "length(@.gone) == 0"] {
        assert!(!holds(condition), "{condition}");
    }
}

#[test]
fn only_numbers_and_texts_have_an_order() {
    for condition in [
        "@.one < 1.5",
        "@.one >= @.float",
        "@.big > 9007199254740992.0",
        "@.one > -1e400 == false || @.one > -1e30",
        "@.text < 'abd'",
        "@.text > 'ABC'",
        "@.text >= 'abc'",
        "'a' < 'aa'",
        "'z' < 'é'",
        "@.null <= null",
        "@.yes <= true",
        "@.list <= @.list2",
    ] {
        // A number that no float can hold is refused when the query is read.
        if condition.contains("1e400") {
            assert!(error(&format!("$[?{condition}]")).message.contains("too big"));
            continue;
        }
        assert!(holds(condition), "{condition}");
    }
    for condition in
        ["@.one < '2'", "@.no < @.yes", "@.null < 1", "@.list < @.list2", "@.nan < 1", "@.nan >= 1", "@.nan <= @.nan"]
    {
        assert!(!holds(condition), "{condition}");
    }
}

#[test]
fn functions_give_values_and_conditions() {
    for condition in [
        "length(@.text) == 3",
        "length(@.sparkle) == 1",
        "length(@.list) == 2",
        "length(@.map) == 2",
        "length(@.none) == 0",
        "length('four') == 4",
        "length(@.one) == @.gone",
        "count(@.*) > 15",
        "count(@.gone) == 0",
        "count(@.list[*, 0]) == 3",
        "value(@.map.a) == 1",
        "value(@..c) == @.gone",
        "value(@.list[?@ == 1]) == 1",
        "length(value(@.list[1:])) == 1",
        "match(@.text, 'a.c')",
        "!match(@.text, 'b')",
        "search(@.text, 'b')",
        "search( @.text , \"^a\" )",
        "!match(@.one, '1')",
        "match(@.date, '2024.*')",
        "match('1', @.digit)",
        "!match(@.text, 1)",
        "!match(@.text, @.gone)",
    ] {
        assert!(holds(condition), "{condition}");
    }
}

#[test]
fn a_pattern_from_the_document_that_is_none_matches_nothing() {
    let document = "{text: aaa, patterns: ['a+', '(', 'a)|(a', 'a+', '\\p{Lu}', 'aa']}";
    selects(
        document,
        &[
            ("$.patterns[?match($.text, @)]", &["patterns[0]", "patterns[3]"]),
            ("$.patterns[?search($.text, @)]", &["patterns[0]", "patterns[3]", "patterns[5]"]),
        ],
    );
}

#[test]
fn what_is_no_query_is_told_with_its_place() {
    // The wrong part stands between the bars.
    for (marked, message) in [
        ("||", "the query ends where `$` is expected"),
        ("|s|pec", "expected `$`, found `s`"),
        ("$| |", "expected `.`, `[` or the end of the query, found ` `"),
        ("|@|.a", "`@` is known inside of a filter only"),
        ("$.||", "the query ends where a name or `*` is expected"),
        ("$.| |a", "expected a name or `*`, found ` `"),
        ("$.|'|a'", "expected a name or `*`, found `'`"),
        ("$..||", "the query ends where a name or `*` is expected"),
        ("$.a|-|b", "expected `.` or `[`, found `-`"),
        ("$[|]|", "expected a quoted name, an index, a slice, `*` or `?`, found `]`"),
        ("$[|a|]", "expected a quoted name, an index, a slice, `*` or `?`, found `a`"),
        ("$[1 |2|]", "expected `,` or `]`, found `2`"),
        ("$[1||", "the query ends where `,` or `]` is expected"),
        ("$[|01|]", "a number does not start with a zero"),
        ("$[|-0|]", "`-0` is not an index"),
        ("$[|9007199254740992|]", "an index lies between -9007199254740991 and 9007199254740991"),
        ("$[0:|-9007199254740992|]", "an index lies between -9007199254740991 and 9007199254740991"),
        ("$[1|.|0]", "expected `,` or `]`, found `.`"),
        ("$[|'a]|", "this string has no end"),
        ("$['a|\\\"|']", "there is no such escape in a string"),
        ("$['|\\ud800|']", "this is half of a surrogate pair, so not a character"),
        ("$['|\\ud800\\u0041|']", "this is half of a surrogate pair, so not a character"),
        ("$['|\\u|12']", "four hexadecimal digits must follow `\\u`"),
        ("$['|\t|']", "a control character cannot stand in a string"),
        ("$[?|]|", "expected a path, a function or a value, found `]`"),
        ("$[?|'a'|]", "a value alone is no condition"),
        ("$[?|true|]", "a value alone is no condition"),
        ("$[?|True|]", "`True` is no value"),
        ("$[?@.a |=| 1]", "expected a comparison, found `=`"),
        ("$[?!@.a |==| 1]", "`!` does not reach over a comparison"),
        ("$[?(@.a|]|", "expected `)`, `&&` or `||`, found `]`"),
        ("$[?@.a |&| @.b]", "expected `,` or `]`, found `&`"),
        ("$[?(@.a) |==| 1]", "expected `,` or `]`, found `=`"),
        ("$[?|@.*| == 1]", "a path that may select several nodes has no value"),
        ("$[?1 < |@..a|]", "a path that may select several nodes has no value"),
        ("$[?@ == 1|.|]", "expected a digit, found `]`"),
        ("$[?|length(@)|]", "this function gives a value, which alone is no condition"),
        ("$[?length(|@.*|) > 1]", "a path that may select several nodes has no value"),
        ("$[?length(|)| > 1]", "expected an argument, found `)`"),
        ("$[?length(@.a|,| 1) > 1]", "expected `)`, found `,`"),
        ("$[?count(|1|) > 1]", "expected a path, found `1`"),
        ("$[?count(@.a |=|= 1) > 1]", "expected `)`, found `=`"),
        ("$[?|match(@.a, 'a')| == true]", "`match` and `search` are true or false by themselves"),
        ("$[?match(@.a|)|]", "expected `,`, found `)`"),
        ("$[?match(@.a, |'('|)]", "the pattern is no regular expression: unclosed group"),
        ("$[?|lenght|(@.a) > 1]", "there is no function `lenght`"),
        ("$[?|length| (@.a) > 1]", "`length` is no value"),
        ("|$pot|.a", "there is no root `$pot` here"),
        ("$[?@.a == |$fact|]", "there is no root `$fact` here"),
    ] {
        // `||` is also "or", so only the outermost bars are the marks.
        let marks = (marked.find('|').unwrap(), marked.rfind('|').unwrap());
        let is_unmarked_end = marked.ends_with("||") && marks.1 + 1 == marked.len();
        let query: String = [&marked[..marks.0], &marked[marks.0 + 1..marks.1], &marked[marks.1 + 1..]].concat();
        let error = error(&query);
        assert_eq!(error.message, message, "{query}");
        let at = if is_unmarked_end { query.len()..query.len() } else { marks.0..marks.1 - 1 };
        if message != "expected a digit, found `]`" {
            assert_eq!(error.at, at, "{query}");
        }
    }
}

#[test]
fn an_error_says_what_to_do() {
    for (query, help) in [
        ("spec.a", "a query starts at a root, such as `$.spec`"),
        ("$podd.spec", "did you mean `$pod`?"),
        ("$spec", "a field of `$` is written `$.spec`"),
        ("$.a-b", "a name with `-` in it is written `['a-name']`"),
        ("$[name]", "a name is put in quotes: `['name']`"),
        ("$[?@.a == ture]", "did you mean `true`?"),
        ("$[?@.a == Always]", "a text is put in quotes, a field is written `@.Always`"),
        ("$[?lenght(@.a) > 1]", "did you mean `length`?"),
        ("$[?contains(@.a, 'b')]", "the functions are `count`, `length`, `match`, `search`, `value`"),
        ("$[?match(@.a)]", "`match` takes 2 arguments"),
        ("$[?!@.a == 1]", "put the comparison in parentheses"),
        ("$[?@.a =~ 'b']", "compare with `==`, or with a pattern by `match(…)` and `search(…)`"),
    ] {
        assert_eq!(error(query).help.as_deref(), Some(help), "{query}");
    }
    let only_pod = Query::parse("$.a", &["pod", "facts"]).unwrap_err();
    assert_eq!(only_pod.help.as_deref(), Some("the roots are `$pod`, `$facts`"));
}

#[test]
fn nesting_is_bounded_in_every_direction() {
    let nested =
        |open: &str, close: &str, times: usize| format!("$[?{}@.a{}]", open.repeat(times), close.repeat(times));
    let cases = [("(", ")"), ("!(", ")"), ("@[?", "]"), ("$.a[?", "]"), ("1 == length(", ")")];
    for (open, close) in cases {
        let error = Query::parse(&nested(open, close, 100_000), &[""]).unwrap_err();
        assert_eq!(error.message, format!("the query is nested more than {MAX_NESTING} levels deep"));
        assert!(Query::parse(&nested(open, close, 20), &[""]).is_ok(), "{open}");
    }
    assert!(Query::parse(&format!("${}", ".a".repeat(MAX_NESTING)), &[""]).is_ok());
    assert!(Query::parse(&format!("${}", ".a".repeat(MAX_NESTING + 1)), &[""]).is_err());
    // What stands side by side is not nested.
    assert!(Query::parse(&format!("$[?@.a{}]", " || @.b.c && (@.d)".repeat(1000)), &[""]).is_ok());
}

#[test]
fn the_deepest_query_and_a_deep_document_fit_the_stack() {
    let query = format!("${}", "..*".repeat(MAX_NESTING));
    let document = format!("{}{}", "[".repeat(190), "]".repeat(190));
    let parsed = read(&document);
    assert_eq!(Query::parse(&query, &[""]).unwrap().select(&[("", root(&parsed))]), Err(Exhausted));
    let filters = format!("${}@{}", "[?@".repeat(MAX_NESTING / 2 - 2), "]".repeat(MAX_NESTING / 2 - 2));
    assert!(Query::parse(&filters, &[""]).is_err(), "{filters}");
    let filters = format!("$[?{}@{}]", "@[?".repeat(MAX_NESTING / 2 - 2), "]".repeat(MAX_NESTING / 2 - 2));
    let selected = Query::parse(&filters, &[""]).unwrap().select(&[("", root(&parsed))]).unwrap();
    assert_eq!(selected.len(), 1);
}

#[test]
fn too_much_work_is_an_error_and_not_a_shorter_answer() {
    let mut document = String::from("items:\n");
    for index in 0..4000 {
        writeln!(document, "- name: n{index}").unwrap();
    }
    let parsed = read(&document);
    let select = |query: &str| Query::parse(query, &[""]).unwrap().select(&[("", root(&parsed))]);
    assert_eq!(select("$..[?$..gone]"), Err(Exhausted));
    assert_eq!(select("$.items[?count($.items[*].name) == 0]"), Err(Exhausted));
    assert_eq!(select("$..name").unwrap().len(), 4000);
    assert_eq!(Query::parse("$..[?$..gone].a", &[""]).unwrap().longest_prefix(&[("", root(&parsed))]), Err(Exhausted));
}

#[test]
fn long_texts_and_many_patterns_are_work_too() {
    let long = format!("{{text: {}, patterns: [{}]}}", "a".repeat(1 << 20), "'a', 'b', ".repeat(1000));
    let parsed = read(&long);
    let select = |query: &str| Query::parse(query, &[""]).unwrap().select(&[("", root(&parsed))]);
    assert_eq!(select("$.patterns[?match(@, @)]"), Err(Exhausted));
    assert_eq!(select("$.patterns[?length($.text) == 1]"), Err(Exhausted));
    assert_eq!(select("$.patterns[?search($.text, 'b')]"), Err(Exhausted));
    assert_eq!(select("$.patterns[?$.text != $.text]"), Err(Exhausted));
}

#[test]
fn the_last_of_duplicate_keys_counts_everywhere() {
    let document = "{a: {x: 1}, b: 2, a: {x: 3}, a: {x: 4, y: 5}}";
    let parsed = read(document);
    let texts = |query: &str| {
        let selected = Query::parse(query, &[""]).unwrap().select(&[("", root(&parsed))]).unwrap();
        selected.iter().map(|one| one.node.text()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(texts("$.a.x"), "4");
    assert_eq!(texts("$.*.x"), "4");
    assert_eq!(texts("$..x"), "4");
    assert_eq!(texts("$[?@ == 2]"), "2");
    assert_eq!(texts("$..[?@ < 9]"), "2 4 5");
    // Many fields whose names look alike are told apart as well.
    let mut many = String::new();
    for index in 0..1000 {
        writeln!(many, "k{}: {index}", index % 900).unwrap();
    }
    let parsed = read(&many);
    assert_eq!(paths("$.*", root(&parsed)).len(), 900);
    assert_eq!(paths("$[?@ < 100]", root(&parsed)).len(), 0);
}

#[test]
fn a_query_may_start_at_named_roots_and_look_at_others() {
    let pod = read("initContainers: [{name: a, restartPolicy: Always}, {name: b}]");
    let param = read("policy: Always");
    let roots = ["", "pod", "param", "facts"];
    let bound = [("pod", root(&pod)), ("param", root(&param))];
    let select = |query: &str| {
        let selected = Query::parse(query, &roots).unwrap().select(&bound).unwrap();
        selected.iter().map(|one| one.node.text()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(select("$pod.initContainers[?@.restartPolicy != $param.policy].name"), "b");
    assert_eq!(select("$pod ['initContainers'][*].name"), "a b");
    assert_eq!(select("$param.policy"), "Always");
    assert_eq!(select("$facts.waits"), "");
    assert_eq!(select("$pod.initContainers[?@.name != $facts.name].name"), "a b");
    let query = Query::parse("$pod.initContainers[0]", &roots).unwrap();
    assert_eq!((query.root(), query.to_string().as_str()), ("pod", "$pod.initContainers[0]"));
}

#[test]
fn what_depends_on_the_unknown_is_selected_without_certainty() {
    let parsed = with_unknown(read("[{image: X, size: 1, ports: [{n: 80}]}, {image: b, size: 2}]"), "$[0].image");
    for (query, expected) in [
        ("$[?@.image == 'b']", "[0] ? [1]"),
        ("$[?@.image != 'b']", "[0] ?"),
        ("$[?!(@.image == 'b')].size", "[0].size ?"),
        ("$[?@.image < 'c'].ports[*].n", "[0].ports[0].n ? [1]"),
        ("$[?@.image]", "[0] [1]"),
        ("$[?!@.image]", ""),
        ("$[0].image", "[0].image"),
        ("$[?@.image == 'b' && @.size == 1]", "[0] ?"),
        ("$[?@.image == 'b' && @.size == 2]", "[1]"),
        ("$[?@.image == 'b' || @.size == 1]", "[0] [1]"),
        ("$[?search(@.image, '^b')]", "[0] ? [1]"),
        ("$[?!match('b', @.image)]", "[0] ?"),
        ("$[?match(@.size, @.image)]", ""),
        ("$[?length(@.image) == 1]", "[0] ? [1]"),
        ("$[?@ == $[0]]", "[0] ?"),
        ("$[?@.image == null]", "[0] ?"),
        ("$[?@[?@ == 'zz']]", "[0] ?"),
        ("$[?@[?@ == 'zz' || @ == 1]]", "[0]"),
        ("$[?count(@[?@ == 'b']) == 1]", "[0] ? [1]"),
        ("$[?value(@[?@ == 'b']) == 'b']", "[0] ? [1]"),
        ("$..[?@ == 'b']", "[0].image ? [1].image"),
    ] {
        // The one case whose second item has no ports selects nothing there.
        let expected = expected.replace("[0].ports[0].n ? [1]", "[0].ports[0].n ?");
        assert_eq!(paths(query, root(&parsed)).join(" "), expected, "{query}");
    }
}

#[test]
fn a_certain_difference_outweighs_what_is_unknown() {
    let parsed = with_unknown(read("{a: {u: 1, v: 1}, b: {u: 1, v: 2}, c: {u: 1, v: 1}}"), "$.a.u");
    assert_eq!(paths("$[?@ == $.a]", root(&parsed)), ["a ?", "c ?"]);
    assert_eq!(paths("$[?@ != $.a]", root(&parsed)), ["a ?", "b", "c ?"]);
}

#[test]
fn the_field_asked_for_is_the_last_name() {
    for (query, name) in [
        ("$.spec.image", Some("image")),
        ("$.spec.containers[*]", Some("containers")),
        ("$.spec.containers[0][?@.a]", Some("containers")),
        ("$..image", Some("image")),
        ("$.spec['a', 'b']", None),
        ("$.spec..*", None),
        ("$[0]", None),
        ("$", None),
    ] {
        assert_eq!(Query::parse(query, &[""]).unwrap().last_name(), name, "{query}");
    }
}

#[test]
fn what_is_missing_is_missing_from_the_nearest_node() {
    let parsed = read(SHIP);
    for (query, nodes, missing) in [
        ("$.hold.wool.price.eur", "hold.wool", ".price.eur"),
        ("$.crew[*].shoes.size", "crew[0] crew[1] crew[2]", ".shoes.size"),
        ("$.crew[?@.name == 'Zoe'].age", "crew", "[?@.name == 'Zoe'].age"),
        ("$.gone", "", ".gone"),
        ("$..gone", "", "..gone"),
        ("$.name", "name", ""),
    ] {
        let query = Query::parse(query, &[""]).unwrap();
        let reached = query.longest_prefix(&[("", root(&parsed))]).unwrap();
        let paths: Vec<String> = reached.nodes.iter().map(|one| display_path(one.node, root(&parsed))).collect();
        assert_eq!((paths.join(" ").as_str(), reached.missing), (nodes, missing), "{query}");
        assert!(!reached.nodes.is_empty());
    }
    let query = Query::parse("$.a", &[""]).unwrap();
    assert!(query.longest_prefix(&[]).unwrap().nodes.is_empty());
}

#[test]
fn paths_are_queries_that_lead_back_to_their_node() {
    let parsed = read("{plain: [{a-b: 1, 'it''s': 2, \"tab\\t\\x01\": 3, 'back\\slash': 4, '': 5, é1: 6, 1st: 7}]}");
    let top = root(&parsed);
    let item = top.get("plain").unwrap().items().next().unwrap();
    let written: Vec<_> = item.children().map(|node| (path_of(node, top), display_path(node, item))).collect();
    let expected = [
        ("$['plain'][0]['a-b']", "['a-b']"),
        ("$['plain'][0]['it\\'s']", "['it\\'s']"),
        ("$['plain'][0]['tab\\t\\u0001']", "['tab\\t\\u0001']"),
        ("$['plain'][0]['back\\\\slash']", "['back\\\\slash']"),
        ("$['plain'][0]['']", "['']"),
        ("$['plain'][0]['é1']", "é1"),
        ("$['plain'][0]['1st']", "['1st']"),
    ];
    assert_eq!(written, expected.map(|(normalized, display)| (normalized.to_owned(), display.to_owned())));
    for (node, (path, _)) in item.children().zip(&written) {
        let selected = Query::parse(path, &[""]).unwrap().select(&[("", top)]).unwrap();
        assert_eq!(selected.iter().map(|one| one.node).collect::<Vec<_>>(), [node], "{path}");
    }
    assert_eq!((path_of(top, top), display_path(top, top)), ("$".to_owned(), String::new()));
    assert_eq!(display_path(item.children().next().unwrap(), top), "plain[0]['a-b']");
    // A key stands where its field does.
    assert_eq!(display_path(item.get("a-b").unwrap().key().unwrap(), top), "plain[0]['a-b']");
}

#[test]
fn the_reader_of_the_tree_decides_what_a_scalar_is() {
    let sources = Arc::new(Sources::in_memory());
    let source = sources.add("switch.yaml", "{a: on, b: 'on', c: 010}");
    let count = |reader: Reader, query: &str| {
        let parsed: Parsed = parse(&sources, source, reader);
        let tree: &Tree = &parsed.tree;
        Query::parse(query, &[""]).unwrap().select(&[("", tree.node(parsed.documents[0].root))]).unwrap().len()
    };
    assert_eq!(count(Reader::Kustomize, "$[?@ == 'on']"), 2);
    assert_eq!(count(Reader::Kubectl, "$[?@ == 'on']"), 1);
    assert_eq!(count(Reader::Kubectl, "$[?@ == true]"), 1);
    assert_eq!(count(Reader::Kubectl, "$[?@ == 8]"), 1);
}
