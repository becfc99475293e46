//! Random trees of kustomizations with a few things changed in their files, the choices of which are the input:
//! building and printing them must not panic or hang.
#![no_main]

#[path = "../../tests/kubectl/random.rs"]
#[allow(dead_code)]
mod random;
#[path = "../../tests/kubectl/roots/mod.rs"]
#[allow(dead_code)]
mod roots;

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use plimsoll::render;
use plimsoll::render::Bases;
use plimsoll::render::KustomizeOptions;
use plimsoll::source::Sources;
use plimsoll::yaml::Files;
use plimsoll::yaml::emit_all;

use crate::random::Random;
use crate::roots::layer::TOP;
use crate::roots::layer::tree;
use crate::roots::mutation::mutated;

fuzz_target!(|choices: &[u8]| {
    let mut random = Random::chosen(choices);
    let mut files = tree(&mut random);
    for (path, text) in &mut files {
        if random.below(4) == 0 {
            *text = mutated(&mut random, text, path.ends_with("kustomization.yaml"));
        }
    }
    let folder = std::env::temp_dir().join(format!("plimsoll-fuzz-{}", std::process::id()));
    drop(std::fs::remove_dir_all(&folder));
    for (path, text) in &files {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("folders can be made");
        std::fs::write(path, text).expect("files can be written");
    }
    let files = Files::new(Arc::new(Sources::below(&folder).expect("the folder was made")));
    let rendered = render::kustomization(TOP, &files, KustomizeOptions::default(), &Bases::default());
    drop(emit_all(rendered.resources.iter().map(render::Resource::node)));
});
