//! Graphs in the language of Graphviz.

use std::fmt::Write;

use crate::report::Inferred;
use crate::report::graph::picture::ArrowKind;
use crate::report::graph::picture::Picture;

/// One graph with a cluster for each target that has workloads.
pub fn dot(inferred: &Inferred) -> String {
    let mut out = String::from("digraph startup {\n  rankdir=RL;\n  node [shape=box, style=rounded];\n");
    let mut put = |text: &str| writeln!(out, "{text}").expect("a String takes all that is written to it");
    let pictures = inferred.targets.iter().map(|(name, _, facts)| (name, Picture::of(facts.graph())));
    for (number, (name, picture)) in pictures.filter(|(_, picture)| !picture.boxes.is_empty()).enumerate() {
        put(&format!("  subgraph cluster_{number} {{\n    label={};", quoted(name)));
        for (index, shape) in picture.boxes.iter().enumerate() {
            let remark = shape.remark.as_ref().map_or(String::new(), |remark| format!("\n{remark}"));
            let label = quoted(&format!("{} {}{remark}", shape.kind, shape.name));
            let color = if shape.is_in_cycle || shape.is_missing { ", color=red" } else { "" };
            let style = if shape.is_outside { ", style=dashed" } else { "" };
            put(&format!("    n{number}_{index} [label={label}{color}{style}];"));
        }
        for arrow in &picture.arrows {
            let style = match arrow.kind {
                ArrowKind::Needs => "dashed",
                ArrowKind::Asks => "dotted",
                ArrowKind::Waits => "solid",
            };
            let color = if arrow.is_in_cycle { ", color=red" } else { "" };
            let (from, to, label) = (arrow.from, arrow.to, quoted(&arrow.label));
            put(&format!("    n{number}_{from} -> n{number}_{to} [label={label}, style={style}{color}];"));
        }
        put("  }");
    }
    put("}");
    out
}

/// A text in quotes, in which only quotes, backslashes and line ends have a meaning.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}
