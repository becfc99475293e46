//! Scripts and the trees they are.

use plimsoll::shell::Dialect;
use plimsoll::shell::Dialect::Ash;
use plimsoll::shell::Dialect::Bash;
use plimsoll::shell::Dialect::Posix;

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
            ("((i++)); ((a) ; (b))", "((i++)) (sub (sub (a)) (sub (b)))"),
            ("for ((i=0; i<3; i++)); do a; done", "(for ((i=0; i<3; i++)) (a))"),
            ("select x in a b; do c; done", "(for x [a b] (c))"),
            ("function f { a; }", "(function f {(a)})"),
            ("diff <(a) >(b)", "(diff <((a)) <((b)))"),
            ("echo {1..3} {a,b}c {} {a}", "(echo {1..3} {a,b}c {} {a})"),
            ("echo $'a\\n\\x41' $\"b\"", "(echo \"a\\nA\" \"b\")"),
            ("a ${b[@]} ${!c} ${d//x/y} ${e^^}", "(a ${b [@]} ${c !} ${d // x/y} ${e ^^ \"\"})"),
            ("case a in b) c;& d) e;; esac", "(case a [b] (c);& [d] (e))"),
            ("time a | b", "(| (a) (b))"),
        ],
    );
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
            ("a\nb 'c", "(a) UNREAD !\"'c\" a single quote is not closed"),
            ("{{ a }}\nb", "({{ a }}) (b)"),
            (
                "if [ {{ eq (a) (b) }} ]; then\nc\nfi\nd",
                "(if [([ {{ eq (a) (b) }} ])] (c)) (d) !\"{{ eq (a) (b) }}\" a template stands where a shell reads words",
            ),
        ],
    );
}
