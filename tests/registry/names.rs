//! Which of several names of a port leads, and which stand beside it.

use portscribe::Transport::{Sctp, Tcp, Udp};
use portscribe::registry::Registry;

#[test]
fn the_name_that_most_speaks_for_leads() {
    let registry = Registry::bundled();
    for (port, transport, service, shown, aliases) in [
        // An RFC.
        (465, Tcp, "submissions", "submissions (urd)", &["urd"][..]),
        // A note on a conflict.
        (2049, Udp, "nfs", "nfs (shilp)", &["shilp"]),
        (2049, Sctp, "nfs", "nfs", &[]),
        // A description.
        (113, Tcp, "auth", "auth (ident)", &["ident"]),
        // An assignee.
        (1701, Udp, "l2tp", "l2tp (l2f)", &["l2f"]),
        // A note on an unassigned use.
        (3000, Tcp, "hbci", "hbci (remoteware-cl)", &["remoteware-cl"]),
        // Nothing but the order.
        (3478, Udp, "stun", "stun (turn stun-behavior)", &["turn", "stun-behavior"]),
        // Duplicates do not stand beside a name.
        (80, Tcp, "http", "http", &["www", "www-http"]),
    ] {
        let answer = registry.port(transport, port);
        let names = answer.names().expect("a name");
        assert_eq!((answer.service(), names.leading()), (Some(service), service));
        assert_eq!(names.to_string(), shown);
        assert_eq!(answer.aliases().collect::<Vec<_>>(), aliases, "{port}/{transport}");
    }
    assert_eq!(registry.port(Tcp, 43500).names(), None);
}
