//! The folder that command lines of a page are run in.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::support::{sample, samples};

/// What stands for files that the reader of a page has: names in the documentation, and samples.
const STAND_INS: &[(&str, &str)] = &[
    ("trace.pcap", "unassigned-port.pcap"),
    ("week.pcap", "review/users.pcap"),
    ("week.pcapng", "two-interfaces.pcapng"),
    ("monday/http.pcap", "http.pcap"),
    ("monday/ssh.pcap", "ssh.pcap"),
    ("tuesday/http.pcap", "http.pcap"),
    ("tuesday/new.pcap", "unauthorized-use.pcap"),
    ("today/users.pcap", "review/users.pcap"),
    ("zones.csv", "review/zones.csv"),
    ("worksheet.csv", "review/worksheet.csv"),
    ("fw.json", "review/ruleset.json"),
    ("ruleset.json", "review/ruleset.json"),
    ("before.json", "review/ruleset.json"),
    ("after.json", "review/ruleset.json"),
];

/// What stands for other files.
const WRITTEN: &[(&str, &str)] = &[
    (
        "fw4.rules",
        "*filter\n:FORWARD DROP [0:0]\n-A FORWARD -m set --match-set bad src -j DROP\n-A FORWARD -p tcp -j ACCEPT\nCOMMIT\n",
    ),
    ("sets", "create bad hash:net family inet hashsize 1024 maxelem 65536\nadd bad 203.0.113.0/24\n"),
    (
        "groups.json",
        r#"{"SecurityGroups":[{"GroupId":"sg-0a1b","GroupName":"web","IpPermissions":[{"IpProtocol":"tcp","FromPort":443,"ToPort":443,"IpRanges":[],"UserIdGroupPairs":[{"GroupId":"sg-0c2d"}],"PrefixListIds":[{"PrefixListId":"pl-0e3f"}]}],"IpPermissionsEgress":[]}]}"#,
    ),
    ("site.toml", "[[service]]\nname = \"ledger\"\nport = 8443\ntransport = \"tcp\"\n"),
];

/// A folder with the samples and what stands for the reader's files; it takes what commands write.
pub struct Ground {
    /// Where it is.
    pub folder: PathBuf,
}

impl Ground {
    /// That of a page in a test, empty of what was written before: tests run at the same time.
    pub fn of(page: &Path, test: &str) -> Ground {
        let name = format!("{test}-{}", page.display().to_string().replace('/', "-"));
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder");
        symlink(samples(), folder.join("samples")).expect("a link");
        for (name, stands_for) in STAND_INS {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::copy(sample(stands_for), path).expect(stands_for);
        }
        for (name, text) in WRITTEN {
            fs::write(folder.join(name), text).expect(name);
        }
        Ground { folder }
    }
}
