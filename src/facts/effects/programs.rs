//! What programs do to files: a table, one row per program, and what is done with those that are not in it.
//!
//! A row names the options that take values and the primitive that the program is. Each was observed on a kept
//! volume with GNU and BusyBox tools; `testdata/facts/writes.yaml` holds the runs. Where the two differ, the primitive says so.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::facts::effects::arg::Arg;
use crate::facts::effects::disk::ROOT;
use crate::facts::effects::files::Kind;
use crate::facts::effects::machine::Flow;
use crate::facts::effects::machine::Machine;
use crate::facts::effects::options::Call;

/// What a program is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Does {
    /// Nothing to files, and it goes well.
    Nothing,
    /// Nothing to files; whether it goes well depends on what is not known here.
    Asks,
    /// Prints something that is the same each time for what it reads.
    Prints,
    /// Prints something that is different each time.
    PrintsFresh,
    /// Changes who may write.
    Modes,
    /// Changes owners and the like, which no verdict looks at.
    Permissions,
    MakeFolder,
    RemoveFolder,
    Touch,
    Copy,
    Move,
    Link,
    Remove,
    MakeNode,
    Install,
    MakeTemporary,
    Echo,
    Printf,
    Cat,
    Grep,
    List,
    Name,
    Sequence,
    Tee,
    Sed,
    InPlace,
    Tune,
    IniFile,
    Tar,
    Compress,
    Unzip,
    Wget,
    Curl,
    Git,
    OpenSsl,
    KeyTool,
    SshKeygen,
    Bootnode,
    Htpasswd,
    InitDatabase,
    Sqlite,
    Pip,
    Packages,
    Patch,
    Dd,
    Resize,
    Split,
    Rsync,
    Find,
    Xargs,
    Python,
}

/// One program, or several that are alike.
struct Row {
    names: &'static str,
    /// Options with values, separated by blanks.
    valued: &'static str,
    does: Does,
}

const fn row(names: &'static str, valued: &'static str, does: Does) -> Row {
    Row { names, valued, does }
}

const TABLE: &[Row] = &[
    row("mkdir", "m mode Z context", Does::MakeFolder),
    row("rmdir", "", Does::RemoveFolder),
    row("touch", "d date r reference t time", Does::Touch),
    row("cp", "t target-directory S suffix", Does::Copy),
    row("mv", "t target-directory S suffix", Does::Move),
    row("ln", "t target-directory S suffix", Does::Link),
    row("rm unlink", "", Does::Remove),
    row("mkfifo mknod", "m mode", Does::MakeNode),
    row("install", "m mode o owner g group t target-directory S suffix", Does::Install),
    row("mktemp", "p suffix", Does::MakeTemporary),
    row("chmod", "reference", Does::Modes),
    row("chown chgrp setfacl chcon restorecon", "reference m x", Does::Permissions),
    row("echo", "", Does::Echo),
    row("printf", "", Does::Printf),
    row("cat", "", Does::Cat),
    row("grep egrep fgrep", "e regexp f file m max-count A B C", Does::Grep),
    row("ls dir", "I w", Does::List),
    row("basename dirname realpath readlink", "s", Does::Name),
    row("seq expr", "", Does::Sequence),
    row("tee", "", Does::Tee),
    row("sed", "e expression f file l", Does::Sed),
    row(
        "timescaledb-tune",
        "conf-path memory cpus pg-version pg-config wal-disk-size max-conns max-bg-workers profile out-path",
        Does::Tune,
    ),
    row("ini-file", "s section k key v value", Does::IniFile),
    row("yq jq perl", "e I M indent arg argjson", Does::InPlace),
    row("tar bsdtar", "f file C directory T files-from X strip-components exclude transform", Does::Tar),
    row("gzip gunzip bzip2 bunzip2 xz unxz zstd unzstd lz4", "S suffix T o", Does::Compress),
    row("unzip", "d x P", Does::Unzip),
    row("wget", WGET, Does::Wget),
    row("curl", CURL, Does::Curl),
    row("git", GIT, Does::Git),
    row("openssl", OPENSSL, Does::OpenSsl),
    row("keytool", KEYTOOL, Does::KeyTool),
    row("ssh-keygen", "t b N f C P m a", Does::SshKeygen),
    row("bootnode", "genkey nodekey nodekeyhex addr nat netrestrict verbosity", Does::Bootnode),
    row("htpasswd", "C", Does::Htpasswd),
    row("initdb", "D pgdata U username E encoding A auth pwfile locale X waldir", Does::InitDatabase),
    row("mysql_install_db mariadb-install-db", "datadir user basedir", Does::InitDatabase),
    row("sqlite3", "cmd init separator", Does::Sqlite),
    row("pip pip3", "t target r requirement i index-url extra-index-url find-links f c constraint prefix", Does::Pip),
    row("npm yarn pnpm composer bundle", "prefix cwd d working-dir path", Does::Packages),
    row("python python3", "m c", Does::Python),
    row("patch", "p i input d directory o output r", Does::Patch),
    row("dd", "", Does::Dd),
    row("truncate fallocate", "s size l length o offset r reference", Does::Resize),
    row("split", "b bytes l lines n a suffix-length", Does::Split),
    row("rsync", "e rsh exclude include filter chmod chown exclude-from", Does::Rsync),
    row("find", "", Does::Find),
    row("xargs", "n I P L d s a", Does::Xargs),
    row("date uuidgen pwgen uptime", "d date u r f", Does::PrintsFresh),
    row(
        "awk gawk mawk sort uniq head tail cut tr rev tac wc base64 base32 envsubst md5sum sha1sum sha256sum sha512sum \
         xxd od hexdump fold nl paste join comm diff cmp column iconv strings numfmt jo gomplate render-template",
        "F v f n c d k t s i b w",
        Does::Prints,
    ),
    row(
        "hostname id whoami uname arch nproc logname groups getconf df du stat file ps env printenv locale free dmidecode ip ifconfig \
         getent nslookup dig host kubectl oc helm aws gcloud az vault psql mysql mariadb redis-cli mongo mongosh consul etcdctl pg_isready mysqladmin \
         nc ncat ping telnet cqlsh rabbitmqctl kafka-topics kafka-topics.sh hg",
        "",
        Does::Asks,
    ),
    row(
        "sleep sync chroot mount umount sysctl modprobe ulimit kill pkill killall useradd adduser groupadd addgroup usermod apk apt-get apt yum dnf \
         microdnf update-ca-certificates iptables ip6tables ethtool tput clear nice renice logger",
        "",
        Does::Nothing,
    ),
];

const WGET: &str = "O output-document P directory-prefix T timeout t tries U user-agent e o output-file a append-output header post-data \
                    post-file user password ca-certificate i Y limit-rate w wait";
const CURL: &str = "o output H header X request d data data-raw data-binary data-urlencode u user m max-time connect-timeout retry retry-delay \
                    retry-max-time T upload-file cacert cert E key A user-agent e x proxy F form b cookie c cookie-jar w write-out \
                    output-dir C continue-at D dump-header K resolve r range y Y z";
const GIT: &str = "C c b branch depth o origin config reference j jobs filter u upload-pack template git-dir work-tree m message B author";
const OPENSSL: &str = "out keyout in inkey newkey days subj config extensions extfile CA CAkey passout passin pass CAserial name set_serial \
                       addext reqexts certfile caname algorithm pkeyopt key signkey inform outform";
const KEYTOOL: &str = "keystore alias storepass keypass file srckeystore destkeystore srcstoretype deststoretype srcstorepass deststorepass \
                       keyalg keysize dname validity storetype srcalias destalias ext srckeypass destkeypass providername sigalg \
                       provider providerpath providerclass startdate";

static BY_NAME: LazyLock<HashMap<&str, &Row>> =
    LazyLock::new(|| TABLE.iter().flat_map(|row| row.names.split(' ').map(move |name| (name, row))).collect());

/// Runs a program; the first word is its name.
pub(super) fn run(machine: &mut Machine<'_, '_>, name: &str, args: &[Arg]) -> Flow {
    let Some(row) = BY_NAME.get(name) else { return machine.program_unknown(args) };
    let is_wordy = matches!(row.does, Does::OpenSsl | Does::KeyTool | Does::Find | Does::Bootnode | Does::Tune);
    let call = Call::read(args, row.valued, is_wordy);
    if call.has("help version") {
        return machine.prints(&call, false);
    }
    match row.does {
        Does::Nothing => Ok(0),
        Does::Asks => machine.asks(&call),
        Does::Prints => machine.prints(&call, false),
        Does::PrintsFresh => machine.prints(&call, true),
        Does::Modes => machine.change_modes(&call),
        Does::Permissions => machine.permissions(&call),
        Does::MakeFolder => machine.make_folder(&call),
        Does::RemoveFolder => machine.remove_folder(&call),
        Does::Touch => machine.touch(&call),
        Does::Copy => machine.copy(&call),
        Does::Move => machine.rename(&call),
        Does::Link => machine.link(&call),
        Does::Remove => machine.remove(&call),
        Does::MakeNode => machine.make_node(&call),
        Does::Install => machine.install(&call),
        Does::MakeTemporary => machine.make_temporary(&call),
        Does::Echo => machine.echo(&call),
        Does::Printf => machine.printf(&call),
        Does::Cat => machine.cat(&call),
        Does::Grep => machine.grep(&call),
        Does::List => machine.list_names(&call),
        Does::Name => machine.name(&call),
        Does::Sequence => machine.sequence(&call),
        Does::Tee => machine.tee(&call),
        Does::Sed => machine.sed(&call),
        Does::InPlace => machine.in_place(&call),
        Does::Tune => machine.tune(&call),
        Does::IniFile => machine.ini_file(&call),
        Does::Tar => machine.tar(&call),
        Does::Compress => machine.compress(&call),
        Does::Unzip => machine.unzip(&call),
        Does::Wget => machine.wget(&call),
        Does::Curl => machine.curl(&call),
        Does::Git => machine.git(&call),
        Does::OpenSsl => machine.openssl(&call),
        Does::KeyTool => machine.keytool(&call),
        Does::SshKeygen => machine.ssh_keygen(&call),
        Does::Bootnode => machine.bootnode(&call),
        Does::Htpasswd => machine.htpasswd(&call),
        Does::InitDatabase => machine.init_database(&call),
        Does::Sqlite => machine.sqlite(&call),
        Does::Pip => machine.pip(&call),
        Does::Packages => machine.packages(&call),
        Does::Python => machine.python(&call, args),
        Does::Patch => machine.patch(&call),
        Does::Dd => machine.dd(&call),
        Does::Resize => machine.resize(&call),
        Does::Split => machine.split(&call),
        Does::Rsync => machine.rsync(&call),
        Does::Find => machine.find(&call),
        Does::Xargs => machine.xargs(&call, args),
    }
}

impl Machine<'_, '_> {
    /// A program of which nobody knows what it does. What it is given of a volume it may change.
    pub(super) fn program_unknown(&mut self, args: &[Arg]) -> Flow {
        let mut text = String::new();
        self.ran_unknown = true;
        for arg in args {
            text.push_str(&arg.text);
            text.push(' ');
            for part in arg.text.split(['=', ':', ',']) {
                if !part.contains('/') {
                    continue;
                }
                let Some(target) = self.target(part, true)? else { continue };
                if target.place.volume == ROOT {
                    continue;
                }
                self.wrote("run", &target, "");
                let unknown = self.unknown();
                match self.look(&target.place, crate::facts::effects::files::Expect::Kind(Kind::Absent)) {
                    Kind::Directory => self.overlay(&target.place.clone(), &[unknown]),
                    _ => self.disk.set(target.place, crate::facts::effects::disk::Entry::Unknown),
                }
            }
        }
        let folder = self.folder.clone();
        if self.setting.place(&folder).volume != ROOT {
            self.lost_write("run");
        }
        // What it prints may be different each time.
        let output = self.unknown();
        self.print(&output)?;
        Ok(self.outcome(&format!("run {text}")))
    }

    /// A program that only looks.
    pub(super) fn asks(&mut self, call: &Call<'_>) -> Flow {
        self.prints(call, false)?;
        let input = std::rc::Rc::clone(&self.input);
        Ok(self.outcome(&format!("run {} {input}", call.text())))
    }
}
