//! Where the boxes of a picture stand and which way its arrows go: layers as columns, after Sugiyama.
//!
//! An arrow that passes a column takes a place of its own there, so that it runs between boxes and not behind them.
//! The places of a column are put near to those they are connected with (the barycentre heuristic), which is enough
//! for graphs that people can read.

use crate::report::graph::picture::Picture;
use crate::report::graph::picture::Shape;

/// Sizes in pixels.
pub(super) const BOX_HEIGHT: f64 = 46.0;
const BOX_GAP: f64 = 26.0;
const LANE_HEIGHT: f64 = 12.0;
const LANE_GAP: f64 = 14.0;
const COLUMN_GAP: f64 = 150.0;
/// About the width of a letter of the names.
const LETTER: f64 = 7.4;
const NARROWEST: f64 = 110.0;
/// How far arrows within a column swing out.
const SWING: f64 = 46.0;
/// How often the places are put nearer to their neighbours.
const ROUNDS: usize = 8;

/// A box, or the lane of an arrow that passes a column.
#[derive(Clone, Copy, Default)]
pub(super) struct Place {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
}

/// A picture with its places.
pub(super) struct Layout {
    /// Of each box.
    pub(super) boxes: Vec<Place>,
    /// The points of each arrow, from its start to its end.
    pub(super) routes: Vec<Vec<(f64, f64)>>,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// Boxes and lanes before they have places.
struct Columns {
    /// The numbers of boxes, then of lanes, column by column and from top to bottom.
    order: Vec<Vec<usize>>,
    /// The numbers that each arrow passes, its ends included.
    chains: Vec<Vec<usize>>,
    /// What is connected with what, in the neighbouring columns.
    near: Vec<Vec<usize>>,
    boxes: usize,
}

impl Layout {
    /// Lays a picture out with its upper left corner at (`left`, `top`).
    pub(super) fn of(picture: &Picture, left: f64, top: f64) -> Self {
        let mut columns = Columns::of(picture);
        columns.sort();
        let places = columns.places(picture, left, top);
        let has_swing =
            picture.arrows.iter().any(|arrow| picture.boxes[arrow.to].layer >= picture.boxes[arrow.from].layer);
        let right = places[..columns.boxes].iter().map(|place| place.x + place.width).fold(left, f64::max);
        let bottom = places[..columns.boxes].iter().map(|place| place.y + BOX_HEIGHT).fold(top, f64::max);
        let routes = columns.routes(picture, &places);
        let lowest = routes.iter().flatten().map(|(_, y)| *y).fold(bottom, f64::max);
        let width = right + if has_swing { SWING * 3.0 } else { 0.0 };
        Self { boxes: places[..columns.boxes].to_vec(), routes, width, height: lowest - top }
    }
}

impl Columns {
    fn of(picture: &Picture) -> Self {
        let boxes = picture.boxes.len();
        let mut columns: Vec<Vec<usize>> =
            (0..picture.layers()).map(|layer| picture.layer(layer).map(|(index, _)| index).collect()).collect();
        let (mut chains, mut near, mut next) = (Vec::new(), vec![Vec::new(); boxes], boxes);
        for arrow in &picture.arrows {
            let (from, to) = (picture.boxes[arrow.from].layer, picture.boxes[arrow.to].layer);
            let mut chain = vec![arrow.from];
            for column in (to + 1..from).rev() {
                columns[column].push(next);
                near.push(Vec::new());
                chain.push(next);
                next += 1;
            }
            chain.push(arrow.to);
            for pair in chain.windows(2) {
                near[pair[0]].push(pair[1]);
                near[pair[1]].push(pair[0]);
            }
            chains.push(chain);
        }
        Self { order: columns, chains, near, boxes }
    }

    fn sort(&mut self) {
        let mut rank = vec![0.0; self.near.len()];
        let number = |rank: &mut Vec<f64>, column: &[usize]| {
            column.iter().zip(0_u32..).for_each(|(&index, row)| rank[index] = f64::from(row));
        };
        self.order.iter().for_each(|column| number(&mut rank, column));
        for _ in 0..ROUNDS {
            for column in &mut self.order {
                let wish = |index: usize| {
                    let near = &self.near[index];
                    let sum: f64 = near.iter().map(|&other| rank[other]).sum();
                    u32::try_from(near.len())
                        .map_or(rank[index], |count| if count == 0 { rank[index] } else { sum / f64::from(count) })
                };
                let mut wishes: Vec<(f64, usize)> = column.iter().map(|&index| (wish(index), index)).collect();
                wishes.sort_by(|left, right| left.0.total_cmp(&right.0));
                *column = wishes.into_iter().map(|(_, index)| index).collect();
                number(&mut rank, column);
            }
        }
    }

    fn places(&self, picture: &Picture, left: f64, top: f64) -> Vec<Place> {
        let height = |index: usize| if index < self.boxes { BOX_HEIGHT + BOX_GAP } else { LANE_HEIGHT + LANE_GAP };
        let heights: Vec<f64> =
            self.order.iter().map(|column| column.iter().map(|&index| height(index)).sum()).collect();
        let highest = heights.iter().copied().fold(0.0, f64::max);
        let mut places = vec![Place::default(); self.near.len()];
        let mut x = left;
        for (column, own) in self.order.iter().zip(heights) {
            let boxes = column.iter().filter(|index| **index < self.boxes);
            let width = boxes.map(|&index| width(&picture.boxes[index])).fold(NARROWEST, f64::max);
            let mut y = top + (highest - own) / 2.0;
            for &index in column {
                places[index] = Place { x, y, width };
                y += height(index);
            }
            x += width + COLUMN_GAP;
        }
        places
    }

    /// The points of the arrows. Where several begin or end at one box, each has a point of its own.
    fn routes(&self, picture: &Picture, places: &[Place]) -> Vec<Vec<(f64, f64)>> {
        let middle =
            |index: usize| places[index].y + if index < self.boxes { BOX_HEIGHT / 2.0 } else { LANE_HEIGHT / 2.0 };
        let is_back = |arrow: usize| {
            let arrow = &picture.arrows[arrow];
            picture.boxes[arrow.to].layer >= picture.boxes[arrow.from].layer
        };
        let spread = |arrow: usize, at_start: bool| {
            let ends = |arrow: usize| {
                let chain = &self.chains[arrow];
                if at_start { (chain[0], chain[1]) } else { (chain[chain.len() - 1], chain[chain.len() - 2]) }
            };
            let (own, _) = ends(arrow);
            let mut all: Vec<usize> =
                (0..self.chains.len()).filter(|&other| ends(other).0 == own && !is_back(other)).collect();
            all.sort_by(|left, right| middle(ends(*left).1).total_cmp(&middle(ends(*right).1)));
            let place = all.iter().position(|&other| other == arrow).unwrap_or(0);
            let part = |number: usize| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
            places[own].y + BOX_HEIGHT * part(place + 1) / part(all.len() + 1)
        };
        let route = |number: usize| {
            let chain = &self.chains[number];
            let (from, to) = (chain[0], chain[chain.len() - 1]);
            if is_back(number) {
                // What is in the same column, or further right, is reached around the right side.
                let (start, end) = (places[from].x + places[from].width, places[to].x + places[to].width);
                // Two that need each other are drawn apart.
                let apart = if from < to { -8.0 } else { 8.0 };
                let far = start.max(end) + SWING + apart;
                let (start_y, end_y) = (middle(from) + apart, middle(to) + apart);
                return vec![(start, start_y), (far, f64::midpoint(start_y, end_y)), (end, end_y)];
            }
            let mut points = vec![(places[from].x, spread(number, true))];
            for &lane in &chain[1..chain.len() - 1] {
                points.push((places[lane].x + places[lane].width, middle(lane)));
                points.push((places[lane].x, middle(lane)));
            }
            points.push((places[to].x + places[to].width, spread(number, false)));
            points
        };
        (0..self.chains.len()).map(route).collect()
    }
}

fn width(shape: &Shape) -> f64 {
    let letters = shape.name.chars().count().max(kind_line(shape).chars().count());
    f64::from(u32::try_from(letters).unwrap_or(u32::MAX)).mul_add(LETTER, 24.0)
}

/// What stands above the name.
pub(super) fn kind_line(shape: &Shape) -> String {
    shape.remark.as_ref().map_or(shape.kind.clone(), |remark| format!("{}, {remark}", shape.kind))
}
