//! Graphs drawn: what can start first on the left, circles in red. Where things stand is decided in `layout`.

use std::collections::HashSet;
use std::fmt::Write;

use crate::report::Inferred;
use crate::report::clean;
use crate::report::graph::layout::BOX_HEIGHT;
use crate::report::graph::layout::Layout;
use crate::report::graph::layout::Place;
use crate::report::graph::layout::kind_line;
use crate::report::graph::picture::Arrow;
use crate::report::graph::picture::ArrowKind;
use crate::report::graph::picture::Picture;
use crate::report::graph::picture::Shape;
use crate::source::Location;

/// Sizes in pixels.
const MARGIN: f64 = 28.0;
const TITLE: f64 = 34.0;
const LEGEND: f64 = 34.0;
const NARROWEST: f64 = 640.0;

/// One drawing of all targets that have workloads, below each other.
pub fn svg(inferred: &Inferred) -> String {
    let mut body = String::new();
    let (mut top, mut right) = (MARGIN, NARROWEST);
    for (name, _, facts) in &inferred.targets {
        let picture = Picture::of(facts.graph());
        if picture.boxes.is_empty() {
            continue;
        }
        let title = escaped(&clean(name));
        put(&mut body, &format!(r#"<text class="title" x="{MARGIN}" y="{:.0}">{title}</text>"#, top + 14.0));
        let layout = Layout::of(&picture, MARGIN, top + TITLE);
        for (arrow, route) in picture.arrows.iter().zip(&layout.routes) {
            let Location { file, line, .. } = inferred.sources.location(arrow.span);
            draw_arrow(&mut body, arrow, route, &format!("{file}:{line}"));
        }
        for (shape, place) in picture.boxes.iter().zip(&layout.boxes) {
            draw_box(&mut body, shape, *place);
        }
        let mut labelled = HashSet::new();
        for (arrow, route) in picture.arrows.iter().zip(&layout.routes) {
            // Several arrows to one box mostly mean the same.
            if labelled.insert((arrow.to, &arrow.label)) {
                draw_label(&mut body, arrow, route);
            }
        }
        top += TITLE + layout.height + MARGIN * 1.5;
        right = right.max(layout.width);
    }
    let (width, height) = (right + MARGIN, top + LEGEND);
    let size = format!(r#"viewBox="0 0 {width:.0} {height:.0}" width="{width:.0}" height="{height:.0}""#);
    let mut out = format!("<svg xmlns=\"http://www.w3.org/2000/svg\" {size}>\n{STYLE}");
    put(&mut out, r#"<rect class="paper" width="100%" height="100%"/>"#);
    out.push_str(&body);
    legend(&mut out, top);
    out.push_str("</svg>\n");
    out
}

const STYLE: &str = r##"<style>
  svg { font-family: system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
  .paper { fill: #ffffff; }
  .title { font-size: 15px; font-weight: 600; fill: #1f2d3d; }
  .box { fill: #f4f7fb; stroke: #5b7083; stroke-width: 1.2; }
  .outside { fill: #ffffff; stroke-dasharray: 5 3; }
  .box.red { stroke: #c0392b; fill: #fdf3f2; }
  .kind { font-size: 11px; fill: #5b7083; }
  .name { font-size: 13px; fill: #1f2d3d; }
  .arrow { fill: none; stroke: #5b7083; stroke-width: 1.4; marker-end: url(#head); }
  .needs { stroke-dasharray: 6 4; }
  .asks { stroke-dasharray: 2 3; }
  .arrow.red { stroke: #c0392b; marker-end: url(#redhead); }
  .label { font-size: 10.5px; fill: #33475b; paint-order: stroke; stroke: #ffffff; stroke-width: 4px; }
  .label.red { fill: #c0392b; }
</style>
<defs>
  <marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0 8 4 0 8z" fill="#5b7083"/></marker>
  <marker id="redhead" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0 8 4 0 8z" fill="#c0392b"/></marker>
</defs>
"##;

fn draw_box(out: &mut String, shape: &Shape, Place { x, y, width }: Place) {
    let outside = if shape.is_outside { " outside" } else { "" };
    let red = if shape.is_in_cycle || shape.is_missing { " red" } else { "" };
    let size = format!(r#"x="{x:.0}" y="{y:.0}" width="{width:.0}" height="{BOX_HEIGHT}" rx="7""#);
    put(out, &format!(r#"<rect class="box{outside}{red}" {size}/>"#));
    let (left, kind, name) = (x + 12.0, escaped(&kind_line(shape)), escaped(&shape.name));
    put(out, &format!(r#"<text class="kind" x="{left:.0}" y="{:.0}">{kind}</text>"#, y + 18.0));
    put(out, &format!(r#"<text class="name" x="{left:.0}" y="{:.0}">{name}</text>"#, y + 35.0));
}

/// Draws a line that is level at each of its points.
fn draw_arrow(out: &mut String, arrow: &Arrow, route: &[(f64, f64)], place: &str) {
    let kind = match arrow.kind {
        ArrowKind::Needs => " needs",
        ArrowKind::Asks => " asks",
        ArrowKind::Waits => "",
    };
    let mut path = format!("M{:.0} {:.0}", route[0].0, route[0].1);
    let mut put_curve = |near: (f64, f64), far: (f64, f64), end: (f64, f64)| {
        let (near, far, end) = (shown(near), shown(far), shown(end));
        write!(path, " C{near} {far} {end}").expect("a String takes all that is written to it");
    };
    match route {
        // Around the right side and back.
        [start, (far, _), end] if *far > start.0 => put_curve((*far + 16.0, start.1), (*far + 16.0, end.1), *end),
        _ => {
            for pair in route.windows(2) {
                let bend = (pair[1].0 - pair[0].0) * 0.5;
                put_curve((pair[0].0 + bend, pair[0].1), (pair[1].0 - bend, pair[1].1), pair[1]);
            }
        }
    }
    let red = if arrow.is_in_cycle { " red" } else { "" };
    put(out, &format!(r#"<path class="arrow{kind}{red}" d="{path}"><title>{}</title></path>"#, escaped(place)));
}

/// Writes what an arrow means near to its end, where it is not among those that begin at the same box.
fn draw_label(out: &mut String, arrow: &Arrow, route: &[(f64, f64)]) {
    let red = if arrow.is_in_cycle { " red" } else { "" };
    let (x, y, anchor) = match route {
        [start, (far, y), _] if *far > start.0 => (*far + 10.0, *y, "start"),
        _ => {
            let end = route[route.len() - 1];
            (end.0 + 14.0, end.1 - 4.0, "start")
        }
    };
    let label = escaped(&arrow.label);
    put(out, &format!(r#"<text class="label{red}" x="{x:.0}" y="{y:.0}" text-anchor="{anchor}">{label}</text>"#));
}

fn legend(out: &mut String, top: f64) {
    let entries = [
        ("", "waits until ready"),
        (" asks", "asks, but does not wait until ready"),
        (" needs", "needs"),
        (" red", "in a circle"),
    ];
    let mut x = MARGIN;
    for (class, text) in entries {
        let (end, label, y) = (x + 30.0, x + 38.0, top + 8.0);
        put(out, &format!(r#"<path class="arrow{class}" d="M{end:.0} {y:.0} {x:.0} {y:.0}"/>"#));
        put(out, &format!(r#"<text class="kind" x="{label:.0}" y="{:.0}">{text}</text>"#, y + 4.0));
        x = f64::from(u32::try_from(text.len()).unwrap_or(0)).mul_add(6.2, label + 22.0);
    }
}

fn shown((x, y): (f64, f64)) -> String {
    format!("{x:.0} {y:.0}")
}

fn put(out: &mut String, line: &str) {
    writeln!(out, "{line}").expect("a String takes all that is written to it");
}

/// A text that means no markup.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
