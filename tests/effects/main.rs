//! Whether containers do on a kept volume what is said of them: small scripts, run for real two and three times.
//!
//! The scripts are made up from a fixed seed. Each runs with a fresh root folder and the same volume, by dash with the
//! programs of GNU and by BusyBox, where those are on the machine. What must never be: that a script is called
//! idempotent that fails or changes something the second or third time.
#![expect(clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods, reason = "this is a test")]
#![expect(clippy::format_push_string, reason = "reports of tests need not be quick")]

mod happened;
mod made;
mod real;
mod told;

use happened::Bench;
use happened::Happened;
use happened::Shell;
use told::Told;

/// How many scripts are made up, unless `PLIMSOLL_RANDOM_CASES` says how many; `PLIMSOLL_RANDOM_SEED` makes other ones.
const FEW: usize = 120;

#[test]
fn what_is_called_idempotent_is_so() {
    let number = |name| std::env::var(name).ok().and_then(|number| number.parse::<u64>().ok());
    let cases = number("PLIMSOLL_RANDOM_CASES").map_or(FEW, |cases| usize::try_from(cases).unwrap());
    let scripts = made::scripts(cases, number("PLIMSOLL_RANDOM_SEED").unwrap_or(0));
    let mut failed = String::new();
    for shell in [Shell::Dash, Shell::BusyBox] {
        if !shell.is_here() {
            println!("{} is not here: skipped", shell.name());
            continue;
        }
        let told = told::of(&scripts, shell);
        let bench = Bench::new(shell);
        let mut count = Count::default();
        let mut wrong = String::new();
        for (script, told) in scripts.iter().zip(&told) {
            let happened = bench.happened(script);
            count.add(happened, *told);
            let is_wrong = match (&happened, told) {
                (Happened::Fails | Happened::Changes, Told::Same) => "called idempotent",
                (Happened::Same, Told::Fails | Told::Drifts) => "alarm",
                _ => continue,
            };
            wrong.push_str(&format!("--- {is_wrong}: {happened:?}, told {told:?}\n{script}\n"));
        }
        println!("{}: {count:?}\n{wrong}", shell.name());
        // Of what is told, nearly all is true, and most is told.
        let holds = count.wrongly_same == 0 && count.alarms * 50 <= count.told && count.unknown * 8 <= count.counted;
        if !holds {
            failed.push_str(&format!("{}: {count:?}\n{wrong}", shell.name()));
        }
    }
    assert!(failed.is_empty(), "{failed}");
}

/// How what was said fits what happened.
#[derive(Default, Debug)]
struct Count {
    counted: usize,
    told: usize,
    unknown: usize,
    wrongly_same: usize,
    alarms: usize,
    /// Fails but was said to drift, or the other way round.
    other: usize,
}

impl Count {
    fn add(&mut self, happened: Happened, told: Told) {
        if happened == Happened::FailsFirst {
            return;
        }
        self.counted += 1;
        match (happened, told) {
            (_, Told::Unknown) => self.unknown += 1,
            (Happened::Same, Told::Fails | Told::Drifts) => self.alarms += 1,
            (Happened::Fails | Happened::Changes, Told::Same) => self.wrongly_same += 1,
            (Happened::Fails, Told::Drifts) | (Happened::Changes, Told::Fails) => self.other += 1,
            _ => {}
        }
        self.told += usize::from(told != Told::Unknown);
    }
}
