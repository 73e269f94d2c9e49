"""Reading what wrk and pgbench print."""

import pytest

from benchmarks import pgbench
from benchmarks.load import Load, parse
from benchmarks.processes import BenchmarkError

WRK = """Running 2s test @ http://127.0.0.1:8000/graphql
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     9.21ms    1.03ms  21.95ms   85.46%
    Req/Sec     3.48k   120.83     3.62k    78.57%
  7286 requests in 2.10s, 2.25MB read
Requests/sec:   3469.52
Transfer/sec:      1.07MB
"""
PGBENCH = """pgbench (15.18 (Debian 15.18-0+deb12u1))
transaction type: Q2.sql
scaling factor: 1
query mode: prepared
number of clients: 32
number of threads: 1
duration: 2 s
number of transactions actually processed: 23044
number of failed transactions: {failed} (0.000%)
latency average = 2.750 ms
initial connection time = 23.160 ms
tps = 11637.293461 (without initial connection time)
"""


def test_wrk_output_is_parsed_from_its_json_line() -> None:
    load = parse(WRK + '{"requests": 7286, "microseconds": 2100000, "p50": 1500, "p99": 9000, "failed": 0}\n')
    assert load == Load(requests=7286, seconds=2.1, p50=1.5, p99=9.0)
    assert load.rate == 7286 / 2.1


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (
            '{"requests": 7286, "microseconds": 2100000, "p50": 1500, "p99": 9000, "failed": 3}\n',
            "3 of 7286 requests failed",
        ),
        ('{"requests": 0, "microseconds": 2100000, "p50": 1500, "p99": 9000, "failed": 0}\n', "0 of 0 requests failed"),
        ("", "wrk printed no figures"),
    ],
    ids=["some failed", "none was answered", "no line of figures"],
)
def test_unanswered_load_is_an_error(line: str, says: str) -> None:
    with pytest.raises(BenchmarkError, match=says):
        parse(WRK + line)


def test_pgbench_throughput_excludes_the_connection_time() -> None:
    assert pgbench.parse(PGBENCH.format(failed=0)) == 11637.293461


@pytest.mark.parametrize("printed", [PGBENCH.format(failed=2), "pgbench: error: no such file\n"])
def test_failed_transactions_are_an_error(printed: str) -> None:
    with pytest.raises(BenchmarkError):
        pgbench.parse(printed)
