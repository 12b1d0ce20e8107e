//! Tables of insecure services that users add.

use super::*;

#[test]
fn what_is_wrong_is_said_with_its_place_and_what_to_do() {
    let columns = "the columns are service, proto, ports, tag, reason, alternative, source, source_date, \
                   registered_as, waived";
    let tags = "cleartext-login, cleartext-data, obsolete-version, amplifier, remote-admin, \
                lateral-movement, no-authentication";
    for (text, message) in [
        ("proto\n", format!("1: has no column service; {columns}")),
        ("service,port\n", format!("1: column port: is not known; {columns}")),
        ("service,service\n", "1: column service: is there twice; remove one".into()),
        (
            "service,proto\nx,tcp,y\n",
            "2: has 3 cells under 2 headings; quote cells with commas in them".into(),
        ),
        ("service\nx\n", "2: column proto: is empty; fill it in".into()),
        ("service,waived\n,x\n", "2: column service: is empty; fill it in".into()),
        (
            "service,waived,proto\nx,y,ipx\n",
            "2: column proto: `ipx` is not a transport with ports; use tcp, udp, sctp, dccp or udplite"
                .into(),
        ),
        (
            "service,waived,ports\nx,y,80 9-8\n",
            "2: column ports: invalid port or range `9-8`; write 80 or 6881-6887".into(),
        ),
        (
            "service,waived,ports\nx,y,65536\n",
            "2: column ports: invalid port or range `65536`; write 80 or 6881-6887".into(),
        ),
        ("service,waived,tag\nx,y,bad\n", format!("2: column tag: unknown tag `bad`; use one of {tags}")),
        (
            "service,waived,source_date\n\nx,y,2024-13\n",
            "3: column source_date: invalid date `2024-13`; write 2024, 2024-06 or 2024-06-30".into(),
        ),
    ] {
        let error = read("own.csv", text.as_bytes()).err().map(|error| error.to_string());
        assert_eq!(error, Some(format!("own.csv:{message}")), "{text:?}");
    }
    let error = read("own.csv", b"service\n\xff\n").err().map(|error| error.to_string());
    assert_eq!(error.as_deref(), Some("own.csv:2: holds a character that is not UTF-8; save it in UTF-8"));
}

#[test]
fn an_empty_list_and_one_with_a_byte_order_mark_are_lists() {
    let table = read("own.csv", b"\xef\xbb\xbfservice , waived\n").expect("a list");
    assert!(table.rows.is_empty() && table.waivers.is_empty());
}

#[test]
fn dates_are_years_months_or_days() {
    for date in ["undated", "1996", "2024-06", "2024-02-29"] {
        assert!(is_date(date), "{date}");
    }
    for date in ["", "96", "2024-6", "2023-02-29", "2024-06-30-1", "soon"] {
        assert!(!is_date(date), "{date}");
    }
}
