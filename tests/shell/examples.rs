//! Scripts and the trees they are.

use plimsoll::shell::CommandKind;
use plimsoll::shell::Dialect;
use plimsoll::shell::Dialect::Ash;
use plimsoll::shell::Dialect::Bash;
use plimsoll::shell::Dialect::Posix;
use plimsoll::shell::read;

use crate::tree;

/// Each script has this tree, by the rules of this shell.
fn trees(dialect: Dialect, examples: &[(&str, &str)]) {
    for (script, expected) in examples {
        assert_eq!(tree(script, dialect), *expected, "{dialect:?}: {script}");
    }
}

#[test]
fn commands_have_words() {
    trees(
        Posix,
        &[
            ("", ""),
            ("echo a b", "(echo a b)"),
            ("echo a # b", "(echo a)"),
            ("echo a#b", "(echo a#b)"),
            ("echo a \\\n  b", "(echo a b)"),
            ("ec\\\nho a", "(echo a)"),
            ("echo 'a b' \"c d\" e\\ f", "(echo \"a b\" \"c d\" e\" \"f)"),
            ("echo '' \"\" ''$x", "(echo \"\" \"\" \"\"$x)"),
            ("A=1 B=$a-b c D=2", "(A=1 B=$a-b c D=2)"),
            ("A= B=~/x:~", "(A=\"\" B=<~>/x:<~>)"),
            ("echo ~ ~bob/x a~ '~'", "(echo <~> <~bob>/x a~ \"~\")"),
            ("ls *.txt a?b [ab]* [ '*'", "(ls <*>.txt a<?>b <[ab]><*> [ \"*\")"),
            ("[ -f /x ]", "([ -f /x ])"),
            ("echo {a,b} [[:alpha:]x]", "(echo {a,b} <[[:alpha:]x]>)"),
        ],
    );
}

#[test]
fn lists_and_pipelines() {
    trees(
        Posix,
        &[
            ("a; b\nc & d", "(a) (b) (& (c)) (d)"),
            ("a && b || c", "(|| (&& (a) (b)) (c))"),
            ("a |\n b | c", "(| (a) (b) (c))"),
            ("! a | b", "(! (| (a) (b)))"),
            ("a &&\n # why\n b", "(&& (a) (b))"),
            ("{ a; b; } >x 2>&1", "{(a) (b)} >x 2>&1"),
            ("(a; b) | c", "(| (sub (a) (b)) (c))"),
        ],
    );
}

#[test]
fn compound_commands() {
    trees(
        Posix,
        &[
            ("if a; then b; elif c; then d; else e; fi", "(if [(a)] (b) [(c)] (d) else (e))"),
            ("while a; do b; done <x", "(while [(a)] (b)) <x"),
            ("until a\ndo\nb\ndone", "(until [(a)] (b))"),
            ("for i in 1 $x '3'; do a; done", "(for i [1 $x \"3\"] (a))"),
            ("for i; do a; done", "(for i (a))"),
            ("for i do a; done", "(for i (a))"),
            ("case $x in a|b) c;; (*) d; esac", "(case $x [a b] (c) [<*>] (d))"),
            ("case x in esac", "(case x)"),
            ("f() { a; }; f", "(function f {(a)}) (f)"),
            ("f ()\n(a)", "(function f (sub (a)))"),
            ("if (a) then { b; } fi", "(if [(sub (a))] {(b)})"),
            ("echo if then fi", "(echo if then fi)"),
            ("'if' a", "(\"if\" a)"),
        ],
    );
}

#[test]
fn redirections() {
    trees(
        Posix,
        &[
            ("a >b 2>>c <d", "(a >b 2>>c <d)"),
            ("a 2>&1 >&- 3<>x >|y", "(a 2>&1 >&- 3<>x >|y)"),
            (">x", "(>x)"),
            ("a 2 >x", "(a 2 >x)"),
            ("a &>x", "(& (a)) (>x)"),
        ],
    );
    trees(Bash, &[("a &>x", "(a &>x)"), ("a >&x", "(a &>x)"), ("a &>>x", "(a &>>x)"), ("a <<<b$c", "(a <<<b$c)")]);
    trees(Bash, &[("a |& b", "(| (a 2>&1) (b))"), ("exec {fd}>x", "(exec 10>x)")]);
    trees(Ash, &[("a &>x", "(a &>x)")]);
}

#[test]
fn here_documents() {
    trees(
        Posix,
        &[
            ("cat <<A\nb $c\nA\nd", "(cat <<\"b \"\"$c\"\"\\n\") (d)"),
            ("cat <<'A'\nb $c\nA\nd", "(cat <<\"b $c\\n\") (d)"),
            ("cat <<-A | e\n\tb\n\tA\nd", "(| (cat <<\"b\\n\") (e)) (d)"),
            ("cat <<A <<B\na\nA\nb\nB\nd", "(cat <<\"a\\n\" <<\"b\\n\") (d)"),
            ("x=$(cat <<A\nb\nA\n); d", "(x=$((cat <<\"b\\n\"))) (d)"),
            ("if a; then cat <<A; fi\nb\nA\nd", "(if [(a)] (cat <<\"b\\n\")) (d)"),
            ("cat <<A\nb", "(cat <<\"b\")"),
            ("cat <<A\n$(cat <<B\nc\nB\n)\nA\nd", "(cat <<\"$((cat <<\"c\\n\"))\"\"\\n\") (d)"),
        ],
    );
}

#[test]
fn expansions() {
    trees(
        Posix,
        &[
            ("a $b ${c} \"$d\" $1 ${10} $@ $$", "(a $b $c \"$d\" $1 $10 $@ $$)"),
            ("a $ \"$\" $%", "(a $ \"$\" $%)"),
            ("a ${b:-c d} ${b#*/} ${#b} ${#}", "(a ${b :- c d} ${b # <*>/} ${b length} $#)"),
            ("a \"${b:-'c' \"d\"}\"", "(a \"${b :- \"'c' \"\"d\"}\")"),
            ("a $(b $(c)) `d \\`e\\``", "(a $((b $((c)))) $((d $((e)))))"),
            ("a \"$(b \"c\")\" ${x:-$(y)}", "(a \"$((b \"c\"))\" ${x :- $((y))})"),
            ("a $((1 + (2 * $x)))", "(a $((1 + (2 * $x))))"),
            ("a $'b'", "(a $\"b\")"),
        ],
    );
}

#[test]
fn what_bash_adds() {
    trees(
        Bash,
        &[
            ("a=(b 'c d' $e)", "(a=[b \"c d\" $e])"),
            ("a+=(b) c[1]=2", "(a+=[b] c=2)"),
            ("declare -a x=(a b)", "(declare -a x=[a b])"),
            ("[[ -f a && ! $b == c* ]]", "[[-f a && ! $b == c<*>]]"),
            ("[[ $a =~ ^(x|y)+$ ]] && b", "(&& [[$a =~ ^(x|y)+$]] (b))"),
            ("[[ $a =~ (b|c d) ]]", "[[$a =~ (b|c d)]]"),
            ("((i++)); ((a) ; (b))", "((i++)) (sub (sub (a)) (sub (b)))"),
            ("for ((i=0; i<3; i++)); do a; done", "(for ((i=0; i<3; i++)) (a))"),
            ("select x in a b; do c; done", "(for x [a b] (c))"),
            ("function f { a; }", "(function f {(a)})"),
            ("diff <(a) >(b)", "(diff <((a)) <((b)))"),
            ("echo {1..3} {a,b}c {} {a}", "(echo {1..3} {a,b}c {} {a})"),
            ("echo $'a\\n\\x41' $\"b\"", "(echo \"a\\nA\" \"b\")"),
            ("read -d $'\\0' a <&3", "(read -d \"\" a 0>&3)"),
            ("a ${b[@]} ${!c} ${d//x/y} ${e^^}", "(a ${b [@]} ${c !} ${d // x/y} ${e ^^ \"\"})"),
            ("case a in b) c;& d) e;; esac", "(case a [b] (c);& [d] (e))"),
            ("time a | b", "(| (a) (b))"),
            ("coproc x { a; b; }; c", "UNREAD (c) !\"coproc\" a coprocess is not followed"),
        ],
    );
    trees(Ash, &[("[[ a && $b ]] >x || c", "(|| [[a && $b]] >x (c))"), ("function f { a; }", "(function f {(a)})")]);
    trees(Posix, &[("[[ a ]]", "([[ a ]])"), ("source x", "(source x)"), ("time a", "(time a)")]);
}

#[test]
fn what_cannot_be_followed_hides_nothing_else() {
    trees(
        Posix,
        &[
            ("a (b\nc", "UNREAD (c) !\"b\" `(` cannot follow a command"),
            ("fi; a\nc", "UNREAD (c) !\"f\" this ends what nothing has begun"),
            ("if a; then\nb ( c\nd\nfi\ne", "(if [(a)] UNREAD (d)) (e) !\"c\" `(` cannot follow a command"),
            ("a=$((b) |\n c)\nd", "UNREAD (d) !\"$((b) |\\n c)\" `$((` is not closed by `))`"),
            ("a\nb 'c", "(a) UNREAD !\"'c\" a single quote is not closed"),
            ("{{ a }}\nb", "({{ a }}) (b)"),
            (
                "if [ {{ eq (a) (b) }} ]; then\nc\nfi\nd",
                "(if [([ {{ eq (a) (b) }} ])] (c)) (d) !\"{{ eq (a) (b) }}\" a template stands where a shell reads words",
            ),
        ],
    );
}

/// The words of the first command, as they stand in the script.
fn written(script: &str) -> Vec<&str> {
    let read = read(script, Bash);
    let CommandKind::Simple { words, .. } = &read.body.items[0].first.commands[0].kind else {
        panic!("{script} is no simple command")
    };
    words.iter().map(|word| &script[word.range.clone()]).collect()
}

#[test]
fn words_know_where_they_stand() {
    assert_eq!(written("  a 'b c'd \\\n e;"), ["a", "'b c'd", "e"]);
    assert_eq!(written("a \"$(b \"c\")\" ${d:-e f} `g h`"), ["a", "\"$(b \"c\")\"", "${d:-e f}", "`g h`"]);
    assert_eq!(written("a é{1,2} <(b)"), ["a", "é{1,2}", "<(b)"]);
}

/// The places of the word `here`, however deep it stands.
fn places(script: &str) -> Vec<std::ops::Range<usize>> {
    let print = format!("{:?}", read(script, Bash).body);
    let texts = print.split("Text(\"here\"), quoted: ").skip(1);
    let ends =
        texts.map(|text| text.split("range: ").nth(1).and_then(|text| text.split(' ').next()).unwrap_or_default());
    let numbers = ends.map(|range| range.split("..").map(|number| number.parse().unwrap()).collect::<Vec<usize>>());
    numbers.map(|ends| ends[0]..ends[1]).collect()
}

#[test]
fn what_stands_within_something_knows_its_place_in_the_whole_script() {
    for script in [
        "a here",
        "a $(b here)",
        "a \"`b here`\"",
        "a `b \\`c \\\\\\`d here\\\\\\`\\``",
        "cat <<A\n$(b here)\nA",
        "cat <<-A\n\t\tx\n\t$(b\n\there)\n\tA",
        "${x:-$(a here)}",
        "a=(b \"here\")",
        "if x; then case y in z) here;; esac; fi",
        "f() { `a <<-B\n\t\\$(here)\n\tB\n`; }",
    ] {
        let places = places(script);
        assert!(!places.is_empty(), "{script}");
        assert!(places.iter().all(|place| &script[place.clone()] == "here"), "{script}: {places:?}");
    }
}

#[test]
fn depth_is_bounded() {
    let nested = |depth: usize| "(".repeat(depth) + "a" + &")".repeat(depth);
    assert_eq!(read(&nested(90), Posix).problems, []);
    assert_eq!(read(&nested(110), Posix).problems.len(), 1);
}

#[test]
fn texts_that_fuzzing_has_found() {
    for text in ["[[ -f a &&kn ( ՛ b || c ) ]]"] {
        for dialect in [Posix, Ash, Bash] {
            tree(text, dialect);
        }
    }
}
