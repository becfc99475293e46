//! Files that parsers of YAML disagree about: directives, byte order marks, escapes of JSON, merge keys, absolute
//! paths. We refuse what kustomize refuses, and what we build is what it builds.

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use plimsoll::kustomization::Version;

const HEAD: &str = "apiVersion: v1\nkind: Thing\nmetadata: {name: a}\n";
const NEXT: &str = "apiVersion: v1\nkind: Thing\nmetadata: {name: b}\n";

/// Files of resources.
fn resources() -> Vec<String> {
    let json = |data: &str| format!(r#"{{"apiVersion":"v1","kind":"Thing","metadata":{{"name":"a"}},"data":{data}}}"#);
    let before = |text: &str| format!("{text}{HEAD}");
    let data = |text: &str| format!("{HEAD}x: &x {{a: 1, b: 2}}\ny: &y {{a: 3, c: 4}}\ndata: {text}\n");
    let mut texts: Vec<String> = [
        "%YAML 1.1\n---\n",
        "# a\n\n%YAML 1.2\n---\n",
        "%TAG ! tag:yaml.org,2002:\n---\n",
        "%OTHER x\n---\n",
        "\u{feff}",
        "\u{feff}\u{feff}",
        "\u{feff}---\n",
        "# a\n--- # b\r\n\u{feff}",
    ]
    .map(before)
    .into();
    texts.extend(["---\n\u{feff}", "...\n\u{feff}---\n", "...\n%YAML 1.1\n---\n"].map(|between| {
        // What stands behind the end of a document is none of the next.
        format!("{HEAD}{between}{NEXT}")
    }));
    texts.extend([r#""x\/y""#, r#""\ud83d\ude00""#, r#""\\/ \\ud83d""#, "-0", "-0.0", r#""\u0000""#].map(json));
    texts.extend(
        [
            r#""x\/y""#,
            r#""\ud83d\ude00""#,
            r"'x\/y'",
            r"x\ud83d/\/",
            r#""\\/ \U0001f600""#,
            "-0",
            "[-0.0, -0x0, +0, -.0]",
            "{<<: *x, b: 3}",
            "{<<: [*x, *y], b: 3}",
            "{<<: *x, <<: *y}",
            "{<<: [], b: 3}",
            "{<<: 1}",
            "{<<: }",
            "{a: <<, b: ['<<']}",
        ]
        .map(data),
    );
    texts
}

/// Kustomization files, with the folder that they are in as `@`.
const KUSTOMIZATIONS: [&str; 15] = [
    "%YAML 1.1\n---\nresources: [r.yaml]\n",
    "%YAML 1.2\n---\nresources: [r.yaml]\n",
    "---\n\u{feff}resources: [r.yaml]\n",
    "resources: [r.yaml]\nnamePrefix: \"x\\/y\"\n",
    "{\"resources\":[\"r.yaml\"],\"commonAnnotations\":{\"a\":\"\\ud83d\\ude00\"}}",
    "resources: [r.yaml]\ncommonAnnotations:\n  <<: {a: b}\n  <<: {c: d}\n",
    "resources: [r.yaml]\npatches:\n- {target: {}, patch: '[{\"op\": \"add\", \"path\": \"/z\", \"value\": \"\\/ \\ud83d\\ude00\"}]'}\n",
    "resources: [r.yaml]\npatches:\n- {target: {}, patch: '- {op: add, path: /z, value: \"\\/\"}'}\n",
    "resources: [r.yaml]\npatches:\n- {target: {}, patch: '- {op: add, path: /z, value: [-0, -0.0]}'}\n",
    "resources: ['@/r.yaml']\n",
    "resources: ['@/sub/../r.yaml']\n",
    "resources: ['@/sub']\n",
    "resources: [r.yaml]\ncomponents: ['@/part']\n",
    "configMapGenerator: [{name: a, files: ['k=@/r.yaml'], envs: ['@/e.env']}]\n",
    "resources: [r.yaml]\npatches: [{path: '@/r.yaml'}]\n",
];

#[test]
fn odd_resources_are_read_as_kustomize_reads_them() {
    let cases = resources().into_iter().map(|text| ("resources: [r.yaml]\n".to_owned(), text));
    compare("odd-resources", cases.collect());
}

#[test]
fn odd_kustomizations_are_read_as_kustomize_reads_them() {
    compare("odd-kustomizations", KUSTOMIZATIONS.map(|text| (text.to_owned(), HEAD.to_owned())).into());
}

fn compare(name: &str, cases: Vec<(String, String)>) {
    if crate::kubectl_is_missing() {
        return;
    }
    let (mut refused, count) = (0, cases.len());
    for (kustomization, resources) in cases {
        let folder = folder(name, &kustomization, &resources);
        let theirs = crate::kustomize().arg(&folder).output().unwrap();
        let version = if crate::release() == Version::V5_5 { "5.5" } else { "5.8" };
        let mut ours = Command::new(env!("CARGO_BIN_EXE_plimsoll"));
        let ours = ours.args(["render", "--kustomize-version", version]).arg(&folder).output().unwrap();
        let context = format!(
            "{kustomization}\n{resources}\n{}\n{}",
            String::from_utf8_lossy(&theirs.stderr),
            String::from_utf8_lossy(&ours.stderr)
        );
        assert_eq!(theirs.status.success(), ours.status.success(), "{context}");
        assert_eq!(String::from_utf8_lossy(&theirs.stdout), String::from_utf8_lossy(&ours.stdout), "{context}");
        refused += usize::from(!theirs.status.success());
    }
    assert!(refused > 3 && refused + 3 < count, "{refused} of {count} refused proves little");
}

fn folder(name: &str, kustomization: &str, resources: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).canonicalize().unwrap().join(name);
    drop(fs::remove_dir_all(&folder));
    let text = kustomization.replace('@', folder.to_str().unwrap());
    let part = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n";
    for (path, text) in [
        ("plimsoll.yaml", "{}"),
        ("kustomization.yaml", &text),
        ("r.yaml", resources),
        ("e.env", "A=b\n"),
        ("sub/kustomization.yaml", "namePrefix: a-\n"),
        ("part/kustomization.yaml", part),
    ] {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}
