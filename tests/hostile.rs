//! Input that means harm: each case is a clear error or a result, never a panic, a hang, or a way out of
//! the repository. The sizes are small enough for every day; `fuzz/` and larger ones found nothing else.
#![expect(clippy::unwrap_used, reason = "this is a test")]

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use plimsoll::report::Report;
use plimsoll::session::Input;
use plimsoll::session::Request;
use plimsoll::session::Session;

const HEAD: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";

/// A repository with one file, gone when the test is.
struct Repository(PathBuf);

impl Repository {
    fn with(name: &str, content: &[u8]) -> Self {
        let root =
            std::env::temp_dir().join(format!("plimsoll-hostile-{}-{}", std::process::id(), name.replace('/', "-")));
        fs::create_dir_all(root.join(name).parent().unwrap()).unwrap();
        fs::write(root.join("plimsoll.yaml"), "{}\n").unwrap();
        fs::write(root.join(name), content).unwrap();
        Self(root)
    }

    fn check(&self) -> Report {
        check(&self.0)
    }
}

impl Drop for Repository {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

fn check(root: &Path) -> Report {
    let request = Request::of(Input::Paths(vec![root.to_owned()]));
    Session::open(&request).unwrap().check()
}

#[track_caller]
fn is_refused(name: &str, content: impl AsRef<[u8]>, why: &str) {
    let report = Repository::with(name, content.as_ref()).check();
    let messages: Vec<&str> = report.diagnostics.iter().map(|problem| problem.message.as_str()).collect();
    assert!(messages.iter().any(|message| message.contains(why)), "{messages:?}");
}

#[test]
fn deep_nesting_is_refused() {
    is_refused(
        "deep-flow.yaml",
        format!("{HEAD}x: {}{}\n", "[".repeat(100_000), "]".repeat(100_000)),
        "deeper than the limit",
    );
    let block: String = (0..1_000).map(|depth| " ".repeat(depth) + "a:\n").collect();
    is_refused("deep-block.yaml", format!("{HEAD}{block}"), "deeper than the limit");
}

#[test]
fn a_billion_laughs_are_refused() {
    let mut text = format!("{HEAD}a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let aliases = vec![format!("*a{}", level - 1); 9].join(", ");
        text += &["a", &level.to_string(), ": &a", &level.to_string(), " [", &aliases, "]\n"].concat();
    }
    is_refused("laughs.yaml", text, "aliases of this document add more than");
}

#[test]
fn what_is_not_text_is_refused() {
    is_refused("latin.yaml", b"apiVersion: v1\nkind: A\nx: \xFF\n", "neither UTF-8 nor UTF-16");
    is_refused("nul.yaml", "apiVersion: v1\nkind: A\nx: a\0b\n", "U+0000");
}

#[test]
fn a_file_that_is_too_large_is_refused() {
    let size = usize::try_from(plimsoll::source::MAX_FILE_BYTES).unwrap();
    is_refused("long.yaml", [HEAD.as_bytes(), b"x: ", &vec![b'a'; size]].concat(), "larger than the limit of 64 MiB");
}

#[test]
fn many_documents_and_many_broken_ones_are_all_told() {
    let whole: String =
        (0..20_000).map(|number| HEAD.replace("name: a", &format!("name: a{number}")) + "---\n").collect();
    assert_eq!(Repository::with("many.yaml", whole.as_bytes()).check().summary.resources, 20_000);
    let broken = "kind: [a}\n---\n".repeat(2_000);
    let report = Repository::with("broken.yaml", broken.as_bytes()).check();
    assert_eq!(report.diagnostics.len(), 101);
    assert_eq!(report.diagnostics[100].message, "and 1900 more of this kind in this file");
}

#[test]
#[cfg(unix)]
fn links_lead_neither_out_nor_in_circles() {
    let repository = Repository::with("links/a.yaml", HEAD.as_bytes());
    let folder = repository.0.join("links");
    std::os::unix::fs::symlink("/etc/passwd", folder.join("passwd.yaml")).unwrap();
    std::os::unix::fs::symlink(".", folder.join("circle")).unwrap();
    std::os::unix::fs::symlink("self.yaml", folder.join("self.yaml")).unwrap();
    let report = repository.check();
    assert_eq!(report.summary.resources, 1);
    let messages: Vec<&str> = report.diagnostics.iter().map(|problem| problem.message.as_str()).collect();
    assert!(messages.iter().any(|message| message.contains("outside the repository")), "{messages:?}");
}

#[test]
fn a_path_of_a_kustomization_does_not_lead_out() {
    let text = "resources:\n- ../../../../../../../../etc/passwd\n";
    is_refused("overlay/kustomization.yaml", text, "leads out of the repository");
}

#[test]
#[cfg(unix)]
fn data_may_be_anything_but_lie_within_the_root() {
    let repository = Repository::with("data/a.bin", b"\xff\x00");
    std::os::unix::fs::symlink("/etc/passwd", repository.0.join("data/passwd")).unwrap();
    std::fs::write(repository.0.join("data/b.txt"), "\u{feff}text").unwrap();
    let sources = plimsoll::source::Sources::below(&repository.0).unwrap();
    let read = |path: &str| sources.read_data(path).map(|source| sources.get(source).bytes().to_vec());
    assert_eq!(read("data/a.bin").unwrap(), b"\xff\x00");
    assert_eq!(read("data/b.txt").unwrap(), "\u{feff}text".as_bytes());
    for (path, why) in [
        ("data/passwd", "this file lies outside the repository"),
        ("data", "this is not a file"),
        ("data/none", "there is no such file"),
    ] {
        assert_eq!(read(path).unwrap_err().problem.to_string(), why);
    }
}

/// What a kustomization with these lines says of one ConfigMap with `data: {k: v}`.
fn messages_of(name: &str, kustomization: &str) -> Vec<String> {
    let repository = Repository::with(&format!("{name}/kustomization.yaml"), kustomization.as_bytes());
    fs::write(repository.0.join(name).join("a.yaml"), format!("{HEAD}data: {{k: v}}\n")).unwrap();
    repository.check().diagnostics.into_iter().map(|problem| problem.message).collect()
}

#[test]
fn what_doubles_with_every_step_is_refused() {
    let joined = "- source: {kind: ConfigMap, fieldPath: data.k}\n  targets: [{select: {kind: ConfigMap}, fieldPaths: \
        [data.k], options: {delimiter: \"-\", index: INDEX}}]\n";
    let nested = "- source: {kind: ConfigMap, fieldPath: data}\n  targets: [{select: {kind: ConfigMap}, fieldPaths: \
        [data.new], options: {create: true}}]\n";
    for (name, step) in [
        ("before", joined.replace("INDEX", "-1")),
        ("behind", joined.replace("INDEX", "99999999")),
        ("nested", nested.to_owned()),
    ] {
        let steps: String = (0..34).map(|number| step.replace("new", &format!("new{number}"))).collect();
        let messages = messages_of(name, &format!("resources: [a.yaml]\nreplacements:\n{steps}"));
        assert!(matches!(&*messages, [message] if message.starts_with("with this ")), "{name}: {messages:?}");
    }
}

#[test]
fn a_long_text_that_many_resources_get_is_refused() {
    let resources: Vec<String> = (0..400).map(|number| format!("data.{number}.yaml")).collect();
    let kustomization = format!("namePrefix: {}\nresources: [{}]\n", "x".repeat(1_000_000), resources.join(", "));
    let repository = Repository::with("long/kustomization.yaml", kustomization.as_bytes());
    for resource in resources {
        let text = HEAD.replace("name: a", &format!("name: {resource}"));
        fs::write(repository.0.join("long").join(resource), text).unwrap();
    }
    let report = repository.check();
    let messages: Vec<&str> = report.diagnostics.iter().map(|problem| problem.message.as_str()).collect();
    assert!(matches!(&*messages, [message] if message.contains("takes more than")), "{messages:?}");
}

/// Scripts whose loops, words or texts grow with every step, in `sh` of an image whose shell is not known, over a
/// volume that is kept: whatever can be followed is.
#[test]
fn no_script_takes_long() {
    let stars = "*a".repeat(2_000);
    let pathological = [
        "while :; do while :; do while :; do x=$x$x; done; done; done".to_owned(),
        "x=a; for i in $(seq 4000); do x=$x$x; for j in $(seq 4000); do y=$x$y; echo $y >> /data/f; done; done"
            .to_owned(),
        "f() { f | f; }; f; f".to_owned(),
        "f() { $(f) $(f) `f`; }; until f; do f; done".to_owned(),
        format!("{}nc -z a 1{}", "while ".repeat(60), "; do :; done".repeat(60)),
        format!("case {} in {stars}b) rm -rf /data/* ;; esac", "a".repeat(20_000)),
        format!("x={}; echo ${{x%%{stars}b}} ${{x##{stars}b}} > /data/x", "a".repeat(20_000)),
        format!("echo {} > /data/x", "{1..9}".repeat(12)),
        format!("[ {} a = a ] && touch /data/x", "! ".repeat(20_000)),
        format!("[ {} a ] && touch /data/x", "a -o ".repeat(5_000)),
        format!("echo $(({}1{})) > /data/x", "(".repeat(9_000), ")".repeat(9_000)),
        format!("echo $((1{})) > /data/x", " + 1".repeat(9_000)),
        format!(
            "i=0; while [ $i -lt 99999999 ]; do i=$((i+1)); {} done",
            "[ -f /data/$i ] || touch /data/$i; ".repeat(9)
        ),
        (0..300)
            .map(|number| format!("[ -f /data/{number} ] || cp /a{number} /data/{number}\n"))
            .collect::<Vec<_>>()
            .concat(),
        (0..300)
            .map(|number| format!("if nc -z h{number} 1; then a{number}=1; else exit 1; fi\n"))
            .collect::<Vec<_>>()
            .concat(),
        // What each is made of is made of the one before, twice.
        format!("x=a$(cat /b); {} echo $x > /data/x", "x=$(echo $x$x | sed s/a/b/); ".repeat(60)),
        format!("x=$(date)$(date); {} echo $x > /data/x", "x=$(echo $x$x | sed s/a/b/); ".repeat(60)),
        "touch /data/f; while :; do for i in $(seq 70); do sed -i s/a/b$i/ /data/f; done; done".to_owned(),
        "for i in $(seq 70); do for j in $(seq 70); do touch /data/$i-$j; rm -rf /data/x*; done; done".to_owned(),
        format!(
            "y={}; for i in $(seq 70); do for j in $(seq 70); do echo $i$y > /data/x; done; done",
            "a".repeat(60_000)
        ),
        (0..60).fold("true".to_owned(), |inner, _| format!("sh -c \"{}\"", inner.replace(['\\', '"'], "\\$0"))),
    ];
    // And what comes of putting pieces together blindly, the same pieces each time.
    let pieces = [
        "for i in 1 2 3 $x; do",
        "done",
        "while",
        "; do",
        "\n",
        "nc -z db 1",
        "&&",
        "||",
        "|",
        "x=$(",
        ")",
        "sleep 1",
        "if",
        "; then",
        "else",
        "fi",
        "echo $x >> /data/f",
        "rm -rf /data/*",
        "$((x+=1))",
        "[ -e /data/f ]",
        "case $x in *)",
        ";; esac",
        "f() {",
        "; }",
        "f",
        "eval \"$x\"",
        "mv /data/f /data/$x",
        "exit",
        "set -e",
        "{1..99}",
        "'",
        "\"",
        "${x%%*}",
        "break",
        "read x",
    ];
    let mut state = 1_u64;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    let random = (0..40).map(|_| (0..20 + next(60)).map(|_| pieces[next(pieces.len())]).collect::<Vec<_>>().join(" "));
    for script in pathological.into_iter().chain(random.collect::<Vec<_>>()) {
        let lines = script.lines().map(|line| format!("            {line}\n")).collect::<Vec<_>>().concat();
        let manifest = format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  volumes: [{{name: data, persistentVolumeClaim: {{claimName: \
             data}}}}]\n  containers: [{{name: b, image: b}}]\n  initContainers:\n    - name: a\n      image: example.com/a\n      \
             volumeMounts: [{{name: data, mountPath: /data}}]\n      command:\n        - sh\n        - -c\n        - |\n{lines}"
        );
        let sources = std::sync::Arc::new(plimsoll::source::Sources::in_memory());
        let files = plimsoll::yaml::Files::new(std::sync::Arc::clone(&sources));
        let target = plimsoll::discover::stream(&sources, manifest).targets.remove(0);
        let options = plimsoll::render::Options::default();
        let rendered = plimsoll::render::render(&target, &files, &options, &plimsoll::render::Bases::default());
        let (elsewhere, config) = (plimsoll::facts::Elsewhere::default(), plimsoll::config::Config::default());
        let scope = plimsoll::facts::Scope {
            target: "",
            resources: &rendered.resources,
            elsewhere: &elsewhere,
            config: &config,
        };
        let begun = std::time::Instant::now();
        drop(plimsoll::facts::infer(scope, &sources));
        // A tenth of that is normal where nothing is optimized; a busy machine may need more.
        assert!(begun.elapsed().as_secs() < 30, "{:?}: {}", begun.elapsed(), &script[..script.len().min(200)]);
    }
}
