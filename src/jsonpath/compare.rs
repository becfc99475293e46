//! Comparing values (RFC 9535 §2.3.5.2.2), with one more that is neither this nor that: unknown.

use std::cmp::Ordering;

use crate::jsonpath::ast::Operator;
use crate::jsonpath::member::member;
use crate::jsonpath::truth::Truth;
use crate::jsonpath::work::Stop;
use crate::jsonpath::work::Work;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::Scalar;

/// What stands on one side of a comparison.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value<'a> {
    /// There is no value.
    Nothing,
    /// There may be a value, and nobody knows which.
    Unknown,
    Scalar(Scalar<'a>),
    Collection(Node<'a>),
}

impl<'a> Value<'a> {
    pub(super) fn of(work: &Work, node: Node<'a>) -> Result<Self, Stop> {
        if node.is_unknown() {
            return Ok(Self::Unknown);
        }
        // To find the type of a scalar, all of its text may have to be read.
        work.spend_on(node.text())?;
        Ok(match node.scalar() {
            Some(Scalar::Timestamp(text)) => Self::Scalar(Scalar::String(text)),
            Some(scalar) => Self::Scalar(scalar),
            None => Self::Collection(node),
        })
    }
}

/// Whether `left operator right` holds.
pub(super) fn compare(work: &Work, left: Value<'_>, operator: Operator, right: Value<'_>) -> Result<Truth, Stop> {
    Ok(match operator {
        Operator::Equal => equal(work, left, right)?,
        Operator::NotEqual => equal(work, left, right)?.not(),
        Operator::Less => less(work, left, right)?,
        Operator::Greater => less(work, right, left)?,
        Operator::LessOrEqual => less(work, left, right)?.or(equal(work, left, right)?),
        Operator::GreaterOrEqual => less(work, right, left)?.or(equal(work, left, right)?),
    })
}

/// Only numbers and texts have an order.
fn less(work: &Work, left: Value<'_>, right: Value<'_>) -> Result<Truth, Stop> {
    Ok(match (left, right) {
        (Value::Unknown, _) | (_, Value::Unknown) => Truth::Unknown,
        (Value::Scalar(left), Value::Scalar(right)) => (order(work, left, right)? == Some(Ordering::Less)).into(),
        _ => Truth::False,
    })
}

/// Whether two values are the same, all that is in them included. Without recursion, since nobody
/// says how deep a made tree is. A difference that is certain outweighs what is unknown.
fn equal(work: &Work, left: Value<'_>, right: Value<'_>) -> Result<Truth, Stop> {
    let mut truth = Truth::True;
    let mut pairs = Vec::new();
    let mut next = Some((left, right));
    while let Some(pair) = next {
        work.spend(1)?;
        let same = match pair {
            (Value::Unknown, _) | (_, Value::Unknown) => Truth::Unknown,
            (Value::Nothing, Value::Nothing) => Truth::True,
            (Value::Scalar(left), Value::Scalar(right)) => match (left, right) {
                (Scalar::Null, Scalar::Null) => Truth::True,
                (Scalar::Bool(left), Scalar::Bool(right)) => (left == right).into(),
                _ => (order(work, left, right)? == Some(Ordering::Equal)).into(),
            },
            (Value::Collection(left), Value::Collection(right)) => pair_up(work, left, right, &mut pairs)?.into(),
            _ => Truth::False,
        };
        truth = truth.and(same);
        if truth == Truth::False {
            break;
        }
        next = pairs.pop();
    }
    Ok(truth)
}

/// Puts aside what must be equal in two collections; false if already their shapes differ.
fn pair_up<'a>(
    work: &Work,
    left: Node<'a>,
    right: Node<'a>,
    pairs: &mut Vec<(Value<'a>, Value<'a>)>,
) -> Result<bool, Stop> {
    if left.kind() != right.kind() {
        return Ok(false);
    }
    let mapping = right;
    let (left, right): (Vec<_>, Vec<_>) = (left.children().collect(), right.children().collect());
    work.spend(left.len() + right.len())?;
    if left.len() != right.len() {
        return Ok(false);
    }
    for (&left, &other) in left.iter().zip(&right) {
        let Some(key) = left.key().filter(|_| mapping.kind() == Kind::Mapping) else {
            pairs.push((Value::of(work, left)?, Value::of(work, other)?));
            continue;
        };
        // Fields mostly stand in the same order, so the one at the same place is asked first.
        let same = other.key().is_some_and(|other| other.text() == key.text());
        let other = if same { Some(other) } else { member(work, mapping, key.text())? };
        let Some(other) = other else { return Ok(false) };
        pairs.push((Value::of(work, left)?, Value::of(work, other)?));
    }
    Ok(true)
}

/// The order of two numbers or two texts; none for anything else.
fn order(work: &Work, left: Scalar<'_>, right: Scalar<'_>) -> Result<Option<Ordering>, Stop> {
    Ok(match (left, right) {
        (Scalar::Int(left), Scalar::Int(right)) => Some(left.cmp(&right)),
        (Scalar::Float(left), Scalar::Float(right)) => left.partial_cmp(&right),
        (Scalar::Int(left), Scalar::Float(right)) => order_mixed(left, right),
        (Scalar::Float(left), Scalar::Int(right)) => order_mixed(right, left).map(Ordering::reverse),
        (Scalar::String(left), Scalar::String(right)) => {
            work.spend_on(if left.len() < right.len() { left } else { right })?;
            Some(left.cmp(right))
        }
        _ => None,
    })
}

/// The order of a whole number and a float, without rounding the former.
fn order_mixed(int: i128, float: f64) -> Option<Ordering> {
    if !float.is_finite() {
        return 0.0.partial_cmp(&float);
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "without its fraction, and what is beyond i128 becomes its end"
    )]
    let whole = float.trunc() as i128;
    int.cmp(&whole).then(0.0.partial_cmp(&float.fract()).unwrap_or(Ordering::Equal)).into()
}
