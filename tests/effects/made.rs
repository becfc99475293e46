//! Scripts that are made up: the same ones for the same number.

/// A row of numbers that look as if by chance (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % end
    }

    fn one<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.below(of.len())]
    }
}

const PATHS: [&str; 9] = ["$V/a", "$V/b", "$V/d", "$V/d/e", "$V/a.conf", "$V/d/", "$V/a.conf", "$V/link", "$V/new"];
const SOURCES: [&str; 6] =
    ["/src/app.conf", "/src/b.conf", "/src/conf.d", "/src/conf.d/.", "/src/conf.d/x.conf", "/src/conf.d/*"];

const FILES: [&str; 3] = ["/src/app.conf", "/src/b.conf", "/src/conf.d/x.conf"];

/// One command: `P` is a path on the volume, `S` one of the image, `F` a file of it, `T` one that is made anew each time.
const COMMANDS: [&str; 75] = [
    "mkdir P",
    "mkdir -p P",
    "mkdir -p P/sub",
    "touch P",
    "echo one > P",
    "echo two > P",
    "echo one >> P",
    "printf 'x=%s\\n' 1 >> P",
    "cat > P <<EOF\nkey=val\nEOF",
    "cat >> P <<EOF\nkey=val\nEOF",
    "cp S P",
    "cp -r S P",
    "cp -a S P",
    "cp -rT S P",
    "cp -n S P",
    "cp -f S P",
    "cp -r S $V/",
    "cp P P",
    "cp -r P P",
    "mv P P",
    "mv -f P P",
    "mv -n P P",
    "mv P $V/d/",
    "ln -s P P",
    "ln -sf P P",
    "ln -sfn P P",
    "ln P P",
    "ln -f P P",
    "ln -s S P",
    "ln -sf S P",
    "rm P",
    "rm -f P",
    "rm -r P",
    "rm -rf P",
    "rm -rf $V/*",
    "rm $V/*",
    "rmdir P",
    "cat F >> P",
    "cat P > P",
    "cat P P > P",
    "echo one | tee P >/dev/null",
    "echo one | tee -a P >/dev/null",
    "cat F | tee P >/dev/null",
    "sed -i 's/one/two/g' P",
    "sed -i 's/one/one1/' P",
    "sed -i '$ a last' P",
    "sed -i 's/^key=.*/key=new/' P",
    "sed 's/one/two/' P > P",
    "sed 's/one/two/' F > P",
    "gzip P",
    "gzip -f P",
    "gunzip P.gz",
    "gzip -c P > P.gz",
    "tar xf /src/a.tar -C $V",
    "tar xf /src/a.tar -C P",
    "tar cf P -C /src conf.d",
    "mkfifo P",
    "chmod 0640 P",
    "mktemp $V/t.XXXXXX >/dev/null",
    "dd if=F of=P 2>/dev/null",
    "cat /proc/sys/kernel/random/uuid > P",
    "grep -q one P",
    "test -f P",
    "ls P >/dev/null",
    "cd P",
    "cd $V",
    "cp S T; mv T P",
    "mkdir -p T; cp S T; cp -r T P",
    "echo x > P.tmp && mv P.tmp P",
    "true",
    "false",
    "X=$(cat P); echo \"$X\" > P",
    "X=$(cat F); echo \"$X\" >> P",
    "echo \"$(cat P)\" two > P",
    "truncate -s 0 P",
];

const TESTS: [&str; 11] = [
    "[ -f P ]",
    "[ -d P ]",
    "[ -e P ]",
    "[ -s P ]",
    "[ ! -e P ]",
    "[ ! -d P ]",
    "[ -L P ]",
    "grep -q one P 2>/dev/null",
    "[ -z \"$(ls -A P 2>/dev/null)\" ]",
    "test -f P && test -d P",
    "[ \"$(cat P 2>/dev/null)\" = one ]",
];

/// So many scripts; another seed makes other ones.
pub(crate) fn scripts(number: usize, seed: u64) -> Vec<String> {
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15 ^ seed.wrapping_mul(0xBF58_476D_1CE4_E5B9));
    (0..number).map(|_| script(&mut dice)).collect()
}

fn script(dice: &mut Dice) -> String {
    let mut script = String::new();
    if dice.below(2) == 0 {
        script.push_str("set -e\n");
    }
    let variable = dice.below(4) == 0;
    if variable {
        script.push_str("D=$V/d\n");
    }
    for _ in 0..=dice.below(4) {
        let statement = statement(dice, 0);
        let statement = if variable { statement.replace("$V/d", "$D") } else { statement };
        script.push_str(&statement);
        script.push('\n');
    }
    script
}

fn statement(dice: &mut Dice, depth: usize) -> String {
    match dice.below(if depth > 1 { 5 } else { 16 }) {
        0..=4 => command(dice),
        5 | 6 => format!("{} || {}", question(dice), command(dice)),
        7 => format!("{} && {}", question(dice), command(dice)),
        8 => format!("if {}; then\n  {}\nfi", question(dice), statement(dice, depth + 1)),
        9 => format!("if {}; then {}; else\n{}\nfi", question(dice), statement(dice, depth + 1), command(dice)),
        10 => format!("{} || true", command(dice)),
        11 => format!("( {}\n)", statement(dice, depth + 1)),
        12 => format!("for i in a b; do\n  {}\ndone", command(dice).replace("$V/a", "$V/$i")),
        13 => format!("{} || {{ {}\n {}\n}}", question(dice), command(dice), command(dice)),
        14 => format!("f() {{ {}\n}}; f", statement(dice, depth + 1)),
        _ => format!("{} && {}", command(dice), command(dice)),
    }
}

fn command(dice: &mut Dice) -> String {
    let template = dice.one(&COMMANDS);
    // What is behind a here-document stays behind it.
    filled(dice, template)
}

fn question(dice: &mut Dice) -> String {
    let template = dice.one(&TESTS);
    filled(dice, template)
}

fn filled(dice: &mut Dice, template: &str) -> String {
    let mut text = String::new();
    let letters: Vec<char> = template.chars().collect();
    for (at, letter) in letters.iter().enumerate() {
        let alone = |at: Option<&char>| at.is_none_or(|letter| !letter.is_alphanumeric() && *letter != '$');
        let is_alone = alone(at.checked_sub(1).and_then(|at| letters.get(at))) && alone(letters.get(at + 1));
        match letter {
            'P' if is_alone => text.push_str(dice.one(&PATHS)),
            'S' if is_alone => text.push_str(dice.one(&SOURCES)),
            'F' if is_alone => text.push_str(dice.one(&FILES)),
            'T' if is_alone => text.push_str("./tmp"),
            letter => text.push(*letter),
        }
    }
    text
}
