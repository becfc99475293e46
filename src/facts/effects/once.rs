//! One run of one container.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use crate::facts::effects::arg::Arg;
use crate::facts::effects::disk::Disk;
use crate::facts::effects::disk::Place;
use crate::facts::effects::disk::ROOT;
use crate::facts::effects::machine::Cuts;
use crate::facts::effects::machine::Event;
use crate::facts::effects::machine::Failure;
use crate::facts::effects::machine::Loaded;
use crate::facts::effects::machine::Machine;
use crate::facts::effects::machine::Site;
use crate::facts::effects::machine::World;
use crate::facts::effects::setting::Setting;
use crate::facts::runs::Flags;
use crate::facts::runs::Text;
use crate::facts::runs::What;
use crate::shell;

/// What stands for a working directory that is not known.
const NOWHERE: &str = "/working directory";

/// What one run came to.
#[derive(Clone)]
pub(super) struct Outcome<'a> {
    /// None if the run could not be followed.
    pub(super) status: Option<u8>,
    /// Whether that is because of a loop that waits for long for what nobody knows.
    pub(super) gave_up_waiting: bool,
    pub(super) disk: Disk,
    pub(super) events: Vec<Event<'a>>,
    pub(super) failure: Option<Failure<'a>>,
    pub(super) cuts: Vec<(usize, Option<Disk>)>,
    pub(super) blind: Vec<Site<'a>>,
    pub(super) doubts: Vec<std::ops::Range<usize>>,
}

/// Runs a container on a disk; `cuts` says whether the moments are noted at which it may be cut off.
pub(super) fn run_once<'a>(
    world: &mut World<'a>,
    setting: &Setting<'_, 'a>,
    disk: Disk,
    (run, cuts): (u8, bool),
    excused: &[Range<usize>],
) -> Outcome<'a> {
    let what = &setting.run.what;
    let text = match what {
        What::Script(script) => script.text.clone(),
        What::Program(_) | What::Unknown => Text::of_image(String::new()),
    };
    let dialect = match what {
        What::Script(script) => script.shell.dialect(),
        What::Program(_) | What::Unknown => shell::Dialect::Ash,
    };
    let loaded = Loaded::of(world, setting, text, dialect);
    let mut machine = machine(world, setting, disk, (run, cuts), loaded);
    machine.excused = excused.to_vec();
    let status = match what {
        What::Script(script) => {
            machine.flags = script.flags;
            machine.arguments = script.arguments.iter().map(|text| machine.world.atoms.value(&text.value())).collect();
            if let Some(zero) = &script.zero {
                machine.zero = machine.world.atoms.value(&zero.value());
            }
            machine.run_all()
        }
        What::Program(_) => {
            let words = setting.run.argv.iter().flatten();
            let args: Vec<Arg> = words.map(|word| Arg::plain(machine.world.atoms.value(&word.value()))).collect();
            machine.run_words(&args).ok()
        }
        // A program that is not known is taken to do with its volumes what it does the same way each time.
        What::Unknown => None,
    };
    let Machine { disk, events, failure, cuts, blind, doubts, gave_up_waiting, .. } = machine;
    Outcome {
        status,
        gave_up_waiting,
        disk: disk.volumes(),
        events,
        failure,
        cuts: cuts.map_or_else(Vec::new, |cuts| cuts.all),
        blind,
        doubts,
    }
}

fn machine<'m, 'a>(
    world: &'m mut World<'a>,
    setting: &'m Setting<'m, 'a>,
    disk: Disk,
    (run, cuts): (u8, bool),
    script: Rc<Loaded<'a>>,
) -> Machine<'m, 'a> {
    Machine {
        world,
        setting,
        disk,
        run,
        events: Vec::new(),
        cuts: cuts.then(Cuts::default),
        failure: None,
        variables: BTreeMap::new(),
        arguments: Vec::new(),
        zero: "sh".to_owned(),
        functions: HashMap::new(),
        folder: setting.run.folder.clone().unwrap_or_else(|| NOWHERE.to_owned()),
        flags: Flags::default(),
        status: 0,
        outputs: Vec::new(),
        input: "".into(),
        here: Site { script, range: 0..0 },
        tolerant: 0,
        probing: 0,
        waiting: false,
        gave_up_waiting: false,
        watched: Vec::new(),
        in_tree: false,
        ran_unknown: false,
        doubts: Vec::new(),
        excused: Vec::new(),
        blind: Vec::new(),
        at_exit: None,
        steps: 0,
        depth: 0,
    }
}

impl Machine<'_, '_> {
    /// Whether anything was written to a working directory of which nobody knows where it is.
    pub(super) fn has_written_nowhere(&self) -> bool {
        self.disk.within(&Place::new(ROOT, NOWHERE)).next().is_some()
    }
}
