//! Graphs in the language of Mermaid, which code forges draw in Markdown.

use std::fmt::Write;

use crate::report::Inferred;
use crate::report::graph::picture::ArrowKind;
use crate::report::graph::picture::Picture;

/// One flowchart with a subgraph for each target that has workloads.
pub fn mermaid(inferred: &Inferred) -> String {
    let mut out = String::from("flowchart RL\n");
    let mut put = |text: &str| writeln!(out, "{text}").expect("a String takes all that is written to it");
    let pictures = inferred.targets.iter().map(|(name, _, facts)| (name, Picture::of(facts.graph())));
    let (mut arrows, mut red) = (0, Vec::new());
    for (number, (name, picture)) in pictures.filter(|(_, picture)| !picture.boxes.is_empty()).enumerate() {
        put(&format!("  subgraph t{number} [\"{}\"]", escaped(name)));
        for (index, shape) in picture.boxes.iter().enumerate() {
            let remark = shape.remark.as_ref().map_or(String::new(), |remark| format!("<br>{}", escaped(remark)));
            let class = match (shape.is_in_cycle || shape.is_missing, shape.is_outside) {
                (true, _) => ":::circle",
                (false, true) => ":::outside",
                (false, false) => "",
            };
            let label = format!("{} {}", escaped(&shape.kind), escaped(&shape.name));
            put(&format!("    n{number}_{index}[\"{label}{remark}\"]{class}"));
        }
        for arrow in &picture.arrows {
            let (from, to, label) = (arrow.from, arrow.to, escaped(&arrow.label));
            let line = if arrow.kind == ArrowKind::Waits { "-->" } else { "-.->" };
            put(&format!("    n{number}_{from} {line}|\"{label}\"| n{number}_{to}"));
            if arrow.is_in_cycle {
                red.push(arrows.to_string());
            }
            arrows += 1;
        }
        put("  end");
    }
    put("  classDef circle stroke:#c0392b,color:#c0392b\n  classDef outside stroke-dasharray:4");
    if !red.is_empty() {
        put(&format!("  linkStyle {} stroke:#c0392b", red.join(",")));
    }
    out
}

/// A text that ends no quote and means no markup.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '"' | '<' | '>' | '&' | '#' | '`' | ';' => {
                write!(out, "#{};", u32::from(char)).expect("a String takes all that is written to it");
            }
            _ => out.push(char),
        }
    }
    out
}
