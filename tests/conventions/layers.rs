//! Who may use whom: a module only those that stand above it in the list of their parent.

use std::collections::BTreeMap;

use regex::Regex;

use crate::code::CodeFile;

/// The modules of the crate.
pub(crate) struct Layers {
    /// The children of a module, in the order in which it lists them.
    children: BTreeMap<Vec<String>, Vec<String>>,
    /// The child that an item really comes from, which its parent hands on.
    handed_on: BTreeMap<Vec<String>, String>,
}

impl Layers {
    /// Reads the lists of modules.
    pub(crate) fn of(files: &[CodeFile]) -> Self {
        let declaration = Regex::new(r"(?m)^\s*(?:pub(?:\([a-z]+\))? )?mod (\w+);").unwrap();
        let hands_on = Regex::new(r"(?m)^\s*pub(?:\([a-z]+\))? use (\w+)(?:::\w+)*::(\w+);").unwrap();
        let mut layers = Self { children: BTreeMap::new(), handed_on: BTreeMap::new() };
        for file in files.iter().filter(|file| file.path != "src/main.rs") {
            let children = declaration.captures_iter(&file.code).map(|found| found[1].to_owned()).collect();
            for found in hands_on.captures_iter(&file.code) {
                let item = [file.module.as_slice(), &[found[2].to_owned()]].concat();
                layers.handed_on.insert(item, found[1].to_owned());
            }
            layers.children.insert(file.module.clone(), children);
        }
        layers
    }

    /// Every use of a module by one that stands above it.
    pub(crate) fn upward_uses(&self, files: &[CodeFile]) -> Vec<String> {
        let path = Regex::new(r"\bcrate((?:::\w+)+)").unwrap();
        let mut upward = Vec::new();
        for file in files.iter().filter(|file| !file.module.is_empty()) {
            for found in path.captures_iter(&file.code) {
                let steps: Vec<String> = found[1].split("::").skip(1).map(str::to_owned).collect();
                if let Some((lower, upper)) = self.upward(&file.module, &steps, self.top_of_root(files)) {
                    let line = file.code[..found.get(0).unwrap().start()].matches('\n').count() + 1;
                    upward.push(format!("{}:{line} `{}`: {upper} does not stand above {lower}", file.path, &found[0]));
                }
            }
        }
        upward
    }

    /// The two modules that are in the wrong order, if `from` may not use the item at `path`.
    fn upward(&self, from: &[String], path: &[String], top_of_root: usize) -> Option<(String, String)> {
        let mut depth = 0;
        let mut path = path.to_vec();
        loop {
            let (here, mine) = (path.get(..depth)?, from.get(depth)?);
            let next = path.get(depth)?.clone();
            let children = self.children.get(here)?;
            let place = |name: &String| children.iter().position(|child| child == name);
            let Some(child) = self.child(here, &next) else {
                // The crate's own functions use most modules, so only what stands below those may call them.
                let too_high = depth == 0 && place(mine)? <= top_of_root;
                return too_high.then(|| (mine.clone(), format!("`{next}` of lib.rs")));
            };
            if child != *mine {
                return (place(&child)? > place(mine)?).then(|| (mine.clone(), child));
            }
            if child != next {
                path.insert(depth, child);
            }
            depth += 1;
        }
    }

    fn child(&self, parent: &[String], name: &String) -> Option<String> {
        let is_module = self.children.get(parent).is_some_and(|children| children.contains(name));
        let handed_on = || self.handed_on.get(&[parent, std::slice::from_ref(name)].concat()).cloned();
        if is_module { Some(name.clone()) } else { handed_on() }
    }

    /// The place of the last module that `lib.rs` itself uses.
    fn top_of_root(&self, files: &[CodeFile]) -> usize {
        let modules = &self.children[&Vec::new()];
        let root = files.iter().find(|file| file.path == "src/lib.rs").expect("the crate has a root");
        let uses = |name: &String| root.code.contains(&format!("use crate::{name}::"));
        modules.iter().rposition(uses).unwrap_or(0)
    }
}

#[test]
fn only_what_stands_above_may_be_used() {
    let file = |path: &str, module: &[&str], code: &str| CodeFile {
        path: path.to_owned(),
        module: module.iter().map(ToString::to_string).collect(),
        text: String::new(),
        code: code.to_owned(),
    };
    let files = [
        file("src/lib.rs", &[], "pub mod low;\npub mod high;\nuse crate::low::Item;"),
        file("src/low/mod.rs", &["low"], "mod first;\nmod second;\npub use second::Item;"),
        file("src/low/first.rs", &["low", "first"], "use crate::low::Item;\nuse crate::high::Item;\n"),
        file("src/low/second.rs", &["low", "second"], "use crate::low::first::Item;\ncrate::check()"),
        file("src/high.rs", &["high"], "use crate::low::Item;\ncrate::check()"),
    ];
    let found = Layers::of(&files).upward_uses(&files);
    assert_eq!(
        found,
        [
            "src/low/first.rs:1 `crate::low::Item`: second does not stand above first",
            "src/low/first.rs:2 `crate::high::Item`: high does not stand above low",
            "src/low/second.rs:2 `crate::check`: `check` of lib.rs does not stand above low",
        ]
    );
}
