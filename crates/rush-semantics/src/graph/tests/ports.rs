//! RUSH0705.

use super::{accepts, check};

#[test]
fn two_services_of_one_plan() {
    check(
        "service a(port: int = 5432) { run: `a`, ready { probe: tcp(port) } }\nservice b { run: `b`, ready { probe: http(\"http://localhost:5432/up\") } }\ntask t { needs: [u, b] }\ntask u { needs: [a], run: `u` }",
        &["RUSH0705 b `{ probe: http(\"http://localhost:5432/up\") }`: two services use port 5432"],
    );
}

#[test]
fn other_ports_and_other_plans() {
    accepts(
        "service a(port: int = 1) { run: `a`, ready { probe: tcp(port) } }\nservice b { run: `b`, ready { probe: tcp(1) } }\ntask t { needs: [a(2), b] }",
    );
    accepts(
        "service a { run: `a`, ready { probe: tcp(1) } }\nservice b { run: `b`, ready { probe: tcp(1) } }\ntask t { needs: [a] }\ntask u { needs: [b] }",
    );
    accepts(
        "service a(port: int) { run: `a`, ready { probe: tcp(port) } }\ntask t { needs: [a(1), a(2)] }",
    );
}

#[test]
fn two_calls_of_one_service() {
    check(
        "service a(db: string) { run: `a`, ready { probe: tcp(1) } }\ntask t { needs: [a(\"x\"), a(\"y\")] }",
        &["RUSH0705 a `{ probe: tcp(1) }`: two services use port 1"],
    );
}
