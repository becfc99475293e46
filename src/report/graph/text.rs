//! Graphs for people: what can start first comes first, and each line says why the next has to wait.

use std::fmt::Write;

use crate::report::Inferred;
use crate::report::clean;
use crate::report::graph::picture::ArrowKind;
use crate::report::graph::picture::Picture;
use crate::report::graph::picture::Shape;
use crate::source::Location;

/// The graphs of all targets that have workloads.
pub fn text(inferred: &Inferred) -> String {
    let mut out = String::new();
    for (name, _, facts) in &inferred.targets {
        let picture = Picture::of(facts.graph());
        if picture.boxes.is_empty() {
            continue;
        }
        if !out.is_empty() {
            out.push('\n');
        }
        line(&mut out, 0, &clean(name));
        for layer in 0..picture.layers() {
            line(&mut out, 2, &format!("{}.", layer + 1));
            for (index, shape) in picture.layer(layer) {
                line(&mut out, 5, &shown(shape));
                for arrow in picture.arrows.iter().filter(|arrow| arrow.from == index) {
                    let how = match arrow.kind {
                        ArrowKind::Needs => "needs",
                        ArrowKind::Asks => "asks for",
                        ArrowKind::Waits => "waits for",
                    };
                    let Location { file, line: number, .. } = inferred.sources.location(arrow.span);
                    let circle = if arrow.is_in_cycle { ", in a circle" } else { "" };
                    let other = &picture.boxes[arrow.to];
                    let through =
                        if other.name == arrow.label { String::new() } else { format!(" as {}", arrow.label) };
                    let told =
                        format!("{how} {} {}{through}{circle}  {}:{number}", other.kind, other.name, clean(&file));
                    line(&mut out, 9, &told);
                }
            }
        }
    }
    if out.is_empty() {
        line(&mut out, 0, "nothing starts here");
    }
    out
}

fn shown(shape: &Shape) -> String {
    let remark = shape.remark.as_ref().map_or(String::new(), |remark| format!(" ({remark})"));
    format!("{} {}{remark}", shape.kind, shape.name)
}

fn line(out: &mut String, indent: usize, text: &str) {
    writeln!(out, "{:indent$}{text}", "").expect("a String takes all that is written to it");
}
