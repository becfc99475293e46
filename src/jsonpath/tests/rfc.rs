//! What each rule of RFC 9535 means here.

use super::SHIP;
use super::error;
use super::paths;
use super::read;
use super::root;
use super::selects;
use crate::jsonpath::Query;

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
        "@.one > -1e30",
        "@.text < 'abd'",
        "@.text > 'ABC'",
        "@.text >= 'abc'",
        "'a' < 'aa'",
        "'z' < 'é'",
        "@.null <= null",
        "@.yes <= true",
        "@.list <= @.list2",
    ] {
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

/// Texts that are no query, with marks around what is wrong, and what is said about it.
const BROKEN: &[(&str, &str)] = &[
    ("«»", "the query ends where `$` is expected"),
    ("«s»pec", "expected `$`, found `s`"),
    ("$« »", "expected `.`, `[` or the end of the query, found ` `"),
    ("«@».a", "`@` is known inside of a filter only"),
    ("$.«»", "the query ends where a name or `*` is expected"),
    ("$.« »a", "expected a name or `*`, found ` `"),
    ("$.«'»a'", "expected a name or `*`, found `'`"),
    ("$..«»", "the query ends where a name or `*` is expected"),
    ("$.a«-»b", "expected `.` or `[`, found `-`"),
    ("$[«]»", "expected a quoted name, an index, a slice, `*` or `?`, found `]`"),
    ("$[«a»]", "expected a quoted name, an index, a slice, `*` or `?`, found `a`"),
    ("$[1 «2»]", "expected `,` or `]`, found `2`"),
    ("$[1«»", "the query ends where `,` or `]` is expected"),
    ("$[«01»]", "a number does not start with a zero"),
    ("$[«-0»]", "`-0` is not an index"),
    ("$[«9007199254740992»]", "an index lies between -9007199254740991 and 9007199254740991"),
    ("$[0:«-9007199254740992»]", "an index lies between -9007199254740991 and 9007199254740991"),
    ("$[1«.»0]", "expected `,` or `]`, found `.`"),
    ("$[«'a]»", "this string has no end"),
    ("$['a«\\\"»']", "there is no such escape in a string"),
    ("$['«\\ud800»']", "this is half of a surrogate pair, so not a character"),
    ("$['«\\ud800\\u0041»']", "this is half of a surrogate pair, so not a character"),
    ("$['«\\u»12']", "four hexadecimal digits must follow `\\u`"),
    ("$['«\t»']", "a control character cannot stand in a string"),
    ("$[?«]»", "expected a path, a function or a value, found `]`"),
    ("$[?«'a'»]", "a value alone is no condition"),
    ("$[?«true»]", "a value alone is no condition"),
    ("$[?«True»]", "`True` is no value"),
    ("$[?@.a «=» 1]", "expected a comparison, found `=`"),
    ("$[?!@.a «==» 1]", "`!` does not reach over a comparison"),
    ("$[?(@.a«]»", "expected `)`, `&&` or `||`, found `]`"),
    ("$[?@.a «&» @.b]", "expected `,` or `]`, found `&`"),
    ("$[?(@.a) «=»= 1]", "expected `,` or `]`, found `=`"),
    ("$[?«@.*» == 1]", "a path that may select several nodes has no value"),
    ("$[?1 < «@..a»]", "a path that may select several nodes has no value"),
    ("$[?@ == 1.«]»", "expected a digit, found `]`"),
    ("$[?«length(@)»]", "this function gives a value, which alone is no condition"),
    ("$[?length(«@.*») > 1]", "a path that may select several nodes has no value"),
    ("$[?length(«)» > 1]", "expected an argument, found `)`"),
    ("$[?length(@.a«,» 1) > 1]", "expected `)`, found `,`"),
    ("$[?count(«1») > 1]", "expected a path, found `1`"),
    ("$[?count(@.a «=»= 1) > 1]", "expected `)`, found `=`"),
    ("$[?«match(@.a, 'a')» == true]", "`match` and `search` are true or false by themselves"),
    ("$[?match(@.a«)»]", "expected `,`, found `)`"),
    ("$[?match(@.a, «'('»)]", "the pattern is no regular expression: unclosed group"),
    ("$[?«lenght»(@.a) > 1]", "there is no function `lenght`"),
    ("$[?«length» (@.a) > 1]", "`length` is no value"),
    ("«$pot».a", "there is no root `$pot` here"),
    ("$[?@.a == «$fact»]", "there is no root `$fact` here"),
    ("$[?@ > «-1e400»]", "the number `-1e400` is too big"),
];

#[test]
fn what_is_no_query_is_told_with_its_place() {
    for &(marked, message) in BROKEN {
        let (start, end) = (marked.find('«').unwrap(), marked.find('»').unwrap() - '«'.len_utf8());
        let error = error(&marked.replace(['«', '»'], ""));
        assert_eq!((error.message.as_str(), error.at), (message, start..end), "{marked}");
    }
}

/// However a query is cut or garbled, what is said about it lies inside of it.
#[test]
fn garbled_queries_are_refused_in_place() {
    let whole =
        r#"$pod ['é\ud83d\ude00', "\n"]..*[-1:2:3, 0][?!(@.a == 1e2 || match(@.b, 'x\\.y')) && count($.c) > 1]"#;
    assert!(Query::parse(whole, &["", "pod"]).is_ok());
    let ends: Vec<usize> = whole.char_indices().map(|(index, _)| index).chain([whole.len()]).collect();
    let mut refused = 0;
    for (nth, &start) in ends.iter().enumerate() {
        for &end in &ends[nth..] {
            for middle in ["", "é", "(", "'", "\\", "0", "."] {
                let text = [&whole[..start], middle, &whole[end..]].concat();
                if let Err(error) = Query::parse(&text, &["", "pod"]) {
                    refused += 1;
                    assert!(text.get(error.at.clone()).is_some(), "{text}: {error} at {:?}", error.at);
                }
            }
        }
    }
    assert!(refused > 10_000, "{refused}");
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
