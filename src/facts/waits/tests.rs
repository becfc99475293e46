//! Scripts and the waits that are found in them.

use std::sync::Arc;

use crate::facts::of_text;
use crate::source::Sources;
use crate::yaml::Node;

/// The waits of the first container of a pod: `method host:port proves bound effect`, where the bound is seconds,
/// `∞`, or `?`, and the effect `yes`, `unknown`, or the fault.
fn waits(sources: &Arc<Sources>, manifest: &str) -> Vec<String> {
    let facts = of_text(sources, manifest);
    let waits = facts.of(0).get("waits").into_iter().flat_map(Node::items);
    let tell = |wait: Node<'_>| {
        let text = |field| wait.get(field).map_or("-", |node: Node<'_>| node.text());
        let bound = match (text("bounded"), text("seconds")) {
            ("true", "-") => "?",
            ("true", seconds) => seconds,
            ("false", _) => "∞",
            _ => "unknown",
        };
        let effect = if text("fault") == "-" { text("effective") } else { text("fault") };
        format!("{} {}:{} {} {bound} {effect}", text("method"), text("host"), text("port"), text("proves"))
    };
    waits.map(tell).collect()
}

fn of_script(image: &str, shell: &str, script: &str) -> Vec<String> {
    let sources = Arc::new(Sources::in_memory());
    let lines = script.lines().collect::<Vec<_>>().join("\n          ");
    let manifest = format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  initContainers:\n    - name: w\n      image: \
         {image}\n      command:\n        - {shell}\n        - -c\n        - |\n          {lines}\n"
    );
    waits(&sources, &manifest)
}

fn told(cases: &[(&str, &str, &str, &[&str])]) {
    let mut wrong = Vec::new();
    for (image, shell, script, expected) in cases {
        let found = of_script(image, shell, script);
        if found != *expected {
            wrong.push(format!("{image} {shell}: {script}\n   {found:?}\n   instead of {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const BUSYBOX: &str = "busybox:1.36";
const DEBIAN: &str = "debian:12";

/// Rounds that are skipped come to what they come to when they are followed one by one, as these were.
#[test]
fn loops_that_count_take_as_long_as_all_of_their_rounds() {
    let tries = [
        ("[ $n -ge 1000 ] && exit 1; sleep 4", 4996),
        ("[ $((n % 7)) -eq 0 ] && exit 1; sleep 4", 31),
        ("m=$((n*n)); [ $m -ge 1000 ] && exit 1; sleep 4", 156),
        ("case $n in *25) exit 1;; esac; sleep 4", 121),
        ("[ \"x$n\" = x40 ] && exit 1; sleep 4", 196),
        ("[ ${#n} -gt 1 ] && exit 1; sleep 4", 46),
        ("echo $n | grep -q 17 && exit 1; sleep 4", 81),
        ("[ $n -gt 10 ] && exit 1; sleep $n", 66),
        ("[ `expr $n % 9` -eq 0 ] && exit 1; sleep 4", 41),
        ("[ $((5 - n)) -eq 0 ] && x=1; [ \"$x\" = 1 ] && [ $n -gt 20 ] && exit 1; sleep 4", 101),
        ("m=$((1000 - n)); [ $n -ge $m ] && exit 1; sleep 4", 2496),
        ("[ $(date +%s) -ge $end ] && exit 1; sleep 4", 301),
    ];
    for (round, seconds) in tries {
        let script =
            format!("n=0; end=$(( $(date +%s) + 300 )); until nc -z -w1 db 5432; do n=$((n+1)); {round}; done");
        assert_eq!(of_script(BUSYBOX, "sh", &script), [format!("nc db:5432 port {seconds} yes")], "{round}");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "it is a table")]
fn loops_that_ask_wait() {
    told(&[
        (
            BUSYBOX,
            "sh",
            "echo 0 > /tmp/n; while true; do wget -T 5 -qO /tmp/n http://web/n; N=$(cat /tmp/n); [ $N -gt 0 ] && break; sleep 3; done",
            &["wget web:80 protocol ∞ yes"],
        ),
        (BUSYBOX, "sh", "until nc -z db 5432; do sleep 2; done", &["nc db:5432 port ∞ yes"]),
        (BUSYBOX, "sh", "while ! nc -z db 5432; do echo waiting; sleep 2; done", &["nc db:5432 port ∞ yes"]),
        (BUSYBOX, "sh", "while true; do nc -z db 5432 && break; sleep 1; done", &["nc db:5432 port ∞ yes"]),
        (BUSYBOX, "sh", "while :; do if nc -z db 5432; then exit 0; fi; sleep 1; done", &["nc db:5432 port ∞ yes"]),
        (BUSYBOX, "sh", "r=1\nuntil [ $r -eq 0 ]; do nc -z db 5432; r=$?; sleep 1; done", &["nc db:5432 port ∞ yes"]),
        (
            BUSYBOX,
            "sh",
            "for i in $(seq 60); do nc -z -w 3 db 5432 && exit 0; sleep 2; done; exit 1",
            &["nc db:5432 port 300 yes"],
        ),
        (
            BUSYBOX,
            "sh",
            "n=0\nuntil nc -z -w1 db 5432; do n=$((n+1)); [ $n -ge 10 ] && exit 1; sleep 4; done",
            &["nc db:5432 port 46 yes"],
        ),
        (
            BUSYBOX,
            "sh",
            "end=$(($(date +%s) + 60))\nuntil nc -z db 5432; do [ $(date +%s) -gt $end ] && exit 1; sleep 5; done",
            &["nc db:5432 port 65 yes"],
        ),
        (BUSYBOX, "sh", "timeout 90 sh -c 'until nc -z db 5432; do sleep 1; done'", &["nc db:5432 port 90 yes"]),
        (BUSYBOX, "sh", "check() { nc -z $1 $2; }\nuntil check db 5432; do sleep 1; done", &["nc db:5432 port ∞ yes"]),
        (
            BUSYBOX,
            "sh",
            "for h in a b; do until nc -z $h 80; do sleep 1; done; done",
            &["nc a:80 port ∞ yes", "nc b:80 port ∞ yes"],
        ),
        (
            BUSYBOX,
            "sh",
            "until nc -z a 80 && nc -z b 81; do sleep 1; done",
            &["nc a:80 port ∞ yes", "nc b:81 port ∞ yes"],
        ),
        (
            BUSYBOX,
            "sh",
            "until nc -z db 5432; do echo \"try $n\"; n=$((n+1)); sleep 2; done",
            &["nc db:5432 port ∞ yes"],
        ),
        (
            BUSYBOX,
            "sh",
            "for i in 1 2 3; do wget -q -T 5 http://web/ && break; sleep 1; done",
            &["wget web:80 protocol 18 yes"],
        ),
        (
            BUSYBOX,
            "sh",
            "until [ \"$(redis-cli -h r ping)\" = PONG ]; do sleep 1; done",
            &["redis-cli r:6379 protocol ∞ yes"],
        ),
        (
            BUSYBOX,
            "sh",
            "while [ \"$(curl -s -o /dev/null -w '%{http_code}' http://web:8080/h)\" != 200 ]; do sleep 5; done",
            &["curl web:8080 protocol ∞ yes"],
        ),
        (BUSYBOX, "sh", "sleep 30", &["sleep -:- nothing 30 no"]),
        (
            DEBIAN,
            "bash",
            "until (echo > /dev/tcp/db/5432) >/dev/null 2>&1; do sleep 1; done",
            &["/dev/tcp db:5432 port ∞ yes"],
        ),
        (
            DEBIAN,
            "bash",
            "for i in {1..30}; do pg_isready -h db && exit 0; sleep 2; done; exit 1",
            &["pg_isready db:5432 protocol 150 yes"],
        ),
        (
            DEBIAN,
            "sh",
            "i=0; while [ $i -lt 10 ]; do curl -sf http://web && break; i=$((i+1)); sleep 1; done",
            &["curl web:80 state 10 yes"],
        ),
        (DEBIAN, "sh", "until ./manage.py migrate --check; do sleep 1; done", &["manage.py -:- state ∞ yes"]),
        (DEBIAN, "sh", "wait-for-it.sh db:5432 -t 60 -- echo up", &["wait-for-it.sh db:5432 port 60 yes"]),
        (
            DEBIAN,
            "sh",
            "until kubectl get job migrate -o jsonpath='{.status.succeeded}' | grep -q 1; do sleep 1; done",
            &["kubectl get -:- state ∞ yes"],
        ),
        (
            DEBIAN,
            "sh",
            "until $(curl -sf http://web:80 > /dev/null 2>&1); do sleep 3; done",
            &["curl web:80 state ∞ yes"],
        ),
        (
            DEBIAN,
            "sh",
            "n=\"$(dig +short db | wc -l)\"\nuntil [ $n -ge 1 ]; do sleep 5; n=\"$(dig +short db | wc -l)\"; done",
            &["dig db:- name ∞ yes"],
        ),
        (
            DEBIAN,
            "sh",
            "n=0\nwhile [ $n -lt 30 ]; do curl -s http://web/ && exit 0; sleep 2; done; exit 1",
            &["curl web:80 protocol ∞ yes"],
        ),
        (DEBIAN, "sh", "until [ -f /shared/ready ]; do sleep 1; done", &["file -:- state ∞ yes"]),
    ]);
}

#[test]
fn traps_make_a_wait_that_is_none() {
    told(&[
        (
            DEBIAN,
            "sh",
            "until dig +short A api.shop.svc.cluster.local; do sleep 1; done",
            &["dig api.shop.svc.cluster.local:- nothing 0 never-waits"],
        ),
        (DEBIAN, "sh", "until [ -n \"$(dig +short api)\" ]; do sleep 1; done", &["dig api:- name ∞ yes"]),
        (DEBIAN, "sh", "until nc -z db 1 &>/dev/null; do sleep 1; done", &["nc db:1 nothing 0 never-waits"]),
        (BUSYBOX, "sh", "until nc -z db 1 &>/dev/null; do sleep 1; done", &["nc db:1 port ∞ yes"]),
        (
            DEBIAN,
            "sh",
            "until [[ $(redis-cli -h r ping) == PONG ]]; do sleep 1; done",
            &["redis-cli r:6379 nothing ∞ never-ends"],
        ),
        (BUSYBOX, "sh", "until nslookup db; do sleep 1; done", &["nslookup db:- nothing ∞ never-ends"]),
        (
            BUSYBOX,
            "sh",
            "until nslookup db.shop.svc.cluster.local; do sleep 1; done",
            &["nslookup db.shop.svc.cluster.local:- name ∞ yes"],
        ),
        ("busybox:1.28", "sh", "until nslookup db; do sleep 1; done", &["nslookup db:- name ∞ yes"]),
        ("busybox:1.30", "sh", "until nslookup db; do sleep 1; done", &["nslookup db:- nothing 0 never-waits"]),
        ("busybox", "sh", "until nslookup db; do sleep 1; done", &["nslookup db:- name ∞ unknown"]),
        ("busybox:1.24", "sh", "until nc -z db 1; do sleep 1; done", &["nc db:1 nothing ∞ never-ends"]),
        (BUSYBOX, "sh", "while nc -z db 1; do sleep 1; done", &["nc db:1 nothing 0 inverted"]),
        (BUSYBOX, "sh", "until nc -zu db 53; do sleep 1; done", &["nc db:53 nothing 0 never-waits"]),
        (BUSYBOX, "sh", "for i in {1..30}; do nc -z db 1 && break; sleep 1; done", &["nc db:1 nothing 1 never-waits"]),
        (BUSYBOX, "sh", "for i in {1..30}; do nc -z db 1 && exit 0; sleep 1; done; exit 1", &["nc db:1 port 1 yes"]),
        (BUSYBOX, "sh", "until echo > /dev/tcp/db/1; do sleep 1; done", &["/dev/tcp db:1 nothing ∞ never-ends"]),
        (BUSYBOX, "sh", "until nc -z db 1 || true; do sleep 1; done", &["nc db:1 nothing 0 never-waits"]),
        (
            BUSYBOX,
            "sh",
            "until nslookup db.a.svc.cluster.local | grep Address; do sleep 1; done",
            &["nslookup db.a.svc.cluster.local:- nothing 10 never-waits"],
        ),
        (
            BUSYBOX,
            "sh",
            "until kubectl get pods -l app=x; do sleep 1; done",
            &["kubectl get -:- nothing 0 never-waits"],
        ),
    ]);
}

#[test]
fn what_would_take_too_long_is_given_up() {
    let arms: String = (0..4_000).map(|number| if number == 0 { "x) a;; " } else { "y) b;; " }).collect();
    let elifs = "elif other; then b; ".repeat(3_000);
    for script in [
        format!("case $X in {arms} esac"),
        format!("if some; then a; {elifs} fi"),
        "until nc -z db 1; do sleep 1; done; ".repeat(1_500),
        "for i in $(seq 9999); do nc -z db $i && break; done; ".repeat(1_000),
        "a=$a$a$a$a; ".repeat(5_000),
        format!("{}; until nc -z db 1; do :; done", "f() { f; f; }; f ".repeat(10)),
        "while x; do ".repeat(20) + "nc -z db 1" + &"; done".repeat(20),
    ] {
        let start = std::time::Instant::now();
        of_script(BUSYBOX, "sh", &script);
        assert!(start.elapsed().as_secs() < 30, "{}", &script[..40]);
    }
}

#[test]
fn libraries_of_images_ask_again() {
    told(&[
        (
            "bitnami/redis:8.2",
            "bash",
            ". /opt/bitnami/scripts/libos.sh\nup() { redis-cli -h db PING | grep -q PONG; }\nretry_while up || exit 1",
            &["redis-cli db:6379 protocol 60 yes"],
        ),
        (
            "bitnami/postgresql:17",
            "bash",
            ". /opt/bitnami/scripts/libos.sh\nup() { postgresql_remote_execute db 5432 name user; }\nretry_while up 6 10",
            &["psql db:5432 protocol 60 yes"],
        ),
    ]);
}

#[test]
fn words_that_bash_reads_into_an_array_are_a_command() {
    told(&[(
        "bitnami/os-shell:12",
        "bash",
        "again() { read -r -a c <<< \"$1\"; for ((i=0; i<5; i+=1)); do \"${c[@]}\" && return 0; sleep 2; done; return 1; \
         }\nup() { nc -z \"$1\" 80; }\nagain \"up db\"",
        &["nc db:80 port 10 yes"],
    )]);
}

#[test]
fn a_mounted_script_is_followed_where_it_was_copied_to() {
    let sources = Arc::new(Sources::in_memory());
    let manifest = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  initContainers:\n  - name: i\n    image: \
                    busybox:1.36\n    command: [sh, -c, 'cp -f /scripts/up.sh /data; chmod +x /data/up.sh; \
                    /data/up.sh']\n    volumeMounts:\n    - {name: v, mountPath: /data}\n    - {name: c, mountPath: \
                    /scripts}\n  volumes:\n  - {name: v, emptyDir: {}}\n  - {name: c, configMap: {name: \
                    c}}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  up.sh: |\n    #!/bin/sh\n    \
                    until nc -z db 80; do sleep 1; done\n";
    assert_eq!(waits(&sources, manifest), ["nc db:80 port ∞ yes"]);
}

/// How long all waits of the first container of a pod take.
fn waiting(script: &str) -> Option<u64> {
    let sources = Arc::new(Sources::in_memory());
    let script = script.replace('\n', "\n          ");
    let manifest = format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  initContainers:\n    - name: w\n      image: \
         {BUSYBOX}\n      command:\n        - sh\n        - -c\n        - |\n          {script}\n"
    );
    let facts = of_text(&sources, &manifest);
    facts.of(0).get("waiting")?.items().next()?.get("seconds")?.text().parse().ok()
}

#[test]
fn waits_that_look_at_one_clock_take_no_longer_than_one() {
    let clock = "end=$(($(date +%s) + 100))\n";
    let ask =
        |host: &str| format!("until nc -z -w 2 {host} 80; do [ $(date +%s) -ge $end ] && exit 1; sleep 3; done\n");
    assert_eq!(waiting(&[clock, &ask("a")].concat()), Some(102));
    assert_eq!(waiting(&[clock, &ask("a"), &ask("b"), &ask("c")].concat()), Some(106));
    assert_eq!(waiting(&[clock, &ask("a"), clock, &ask("b")].concat()), Some(204));
    let listed = [clock, "for host in a b c; do ", &ask("$host"), "done\n"].concat();
    assert_eq!(waiting(&listed), Some(106));
    let called = [
        clock,
        "late() { [ $(date +%s) -lt $end ] || exit 1; sleep 3; }\n",
        "until nc -z -w 2 a 80; do late; done\n",
        "until nc -z -w 2 b 80; do late; done\n",
    ];
    assert_eq!(waiting(&called.concat()), Some(104));
    let counted = "for i in 1 2 3; do nc -z a 80 && break; sleep 5; done; for i in 1 2 3; do nc -z b 80 && break; sleep 5; done\n";
    assert_eq!(waiting(counted), Some(30));
}
