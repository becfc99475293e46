//! What a query asks of a root: the names directly behind it, wherever the query uses that root. Lets
//! whoever knows which names there are tell a query that can never find anything.

use crate::jsonpath::Query;
use crate::jsonpath::ast::Comparable;
use crate::jsonpath::ast::Logical;
use crate::jsonpath::ast::Path;
use crate::jsonpath::ast::Pattern;
use crate::jsonpath::ast::Segment;
use crate::jsonpath::ast::Selector;
use crate::jsonpath::ast::Start;

impl Query {
    /// The names that stand right behind `$root`, in the query itself and in its filters.
    pub fn names_behind(&self, root: &str) -> Vec<&str> {
        let mut names = Vec::new();
        if self.root() == root {
            first(&self.segments, &mut names);
        }
        within(&self.segments, root, &mut names);
        names
    }
}

fn first<'q>(segments: &'q [Segment], names: &mut Vec<&'q str>) {
    let selectors = segments.first().filter(|segment| !segment.descendant).map_or(&[][..], |first| &first.selectors);
    names.extend(selectors.iter().filter_map(|selector| match selector {
        Selector::Name(name) => Some(name.as_str()),
        _ => None,
    }));
}

fn within<'q>(segments: &'q [Segment], root: &str, names: &mut Vec<&'q str>) {
    for selector in segments.iter().flat_map(|segment| &segment.selectors) {
        if let Selector::Filter(condition) = selector {
            of_condition(condition, root, names);
        }
    }
}

fn of_condition<'q>(condition: &'q Logical, root: &str, names: &mut Vec<&'q str>) {
    match condition {
        Logical::Or(parts) | Logical::And(parts) => parts.iter().for_each(|part| of_condition(part, root, names)),
        Logical::Not(part) => of_condition(part, root, names),
        Logical::Exists(path) => of_path(path, root, names),
        Logical::Compare(left, _, right) => {
            of_value(left, root, names);
            of_value(right, root, names);
        }
        Logical::Matches { text, pattern } => {
            of_value(text, root, names);
            if let Pattern::Computed { pattern, .. } = pattern {
                of_value(pattern, root, names);
            }
        }
    }
}

fn of_value<'q>(value: &'q Comparable, root: &str, names: &mut Vec<&'q str>) {
    match value {
        Comparable::Literal(_) => {}
        Comparable::Path(path) | Comparable::Count(path) | Comparable::Value(path) => of_path(path, root, names),
        Comparable::Length(value) => of_value(value, root, names),
    }
}

fn of_path<'q>(path: &'q Path, root: &str, names: &mut Vec<&'q str>) {
    if path.start == Start::Root(root.to_owned()) {
        first(&path.segments, names);
    }
    within(&path.segments, root, names);
}

#[cfg(test)]
mod tests {
    use crate::jsonpath::Query;

    #[test]
    fn names_are_found_in_filters_too() {
        let names = |query: &str| {
            let query = Query::parse(query, &["", "pod", "param"]).unwrap();
            query.names_behind("param").join(" ")
        };
        assert_eq!(names("$param.limit"), "limit");
        assert_eq!(names("$param['a', 'b'].c"), "a b");
        assert_eq!(names("$pod.containers[?@.name == $param.name || length($param.list) > 1]"), "name list");
        assert_eq!(names("$pod[?match(@.a, $param.pattern) && !$param.off]"), "pattern off");
        assert_eq!(names("$pod.param"), "");
    }
}
