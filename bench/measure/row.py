"""The row of a run, put together from its plan, the supervisor's report and the judge's verdict."""

from collections.abc import Mapping
from typing import Any

from bench.master import is_local
from bench.measure import threads
from bench.measure.environment import Environment
from bench.measure.outcome import Ending
from bench.measure.schedule import Limits, PlannedRun
from bench.results import Measurement, Phase

DISTURBED_CORES = 0.1
"""CPU of others, in cores, from which a run is marked as disturbed."""
_IDLE_SHARE = 0.8
_FLOAT32 = "distances from float32 norms and products lose digits where points lie close together"
_SHORT_SECONDS = 1.0
"""Below it, CPU seconds are too coarse to say how many cores were busy."""


def measurement(
    planned: PlannedRun,
    points_options: str,
    limits: Limits,
    environment: Environment,
    started_at: str,
    end: Ending,
    report: Mapping[str, Any],
    verdict: Mapping[str, Any],
) -> Measurement:
    """Make the row; what is not known stays None."""
    listing = planned.listing
    multi_threaded = listing.takes_threads or listing.takes_master
    seconds = report.get("seconds", {})
    total = _total(seconds)
    peak = report.get("peak", {})
    outcome = report.get("outcome", {})
    cores_used = _cores_used(report)
    rows_answered = report.get("rows", 0)
    return Measurement(
        run_id=planned.run_id,
        strategy=listing.name,
        source=planned.source,
        exact=listing.entry.exact,
        params=planned.params,
        workload=planned.workload,
        points_options=points_options,
        repeat=planned.repeat,
        repeats_asked=planned.repeats_asked,
        series_id=planned.series_id,
        threads=planned.threads,
        multi_threaded=multi_threaded,
        master=planned.master,
        blas_kernel=planned.blas_kernel,
        wrap=planned.wrap,
        status=end.status,
        reason=end.reason,
        start_seconds=seconds.get("start"),
        load_seconds=seconds.get("load"),
        fit_seconds=seconds.get("fit"),
        query_seconds=seconds.get("query"),
        total_seconds=total,
        extrapolated_seconds=_extrapolated(end, seconds, rows_answered, planned.workload.n),
        store_seconds=outcome.get("store_seconds"),
        rows_answered=rows_answered,
        cpu_seconds=report.get("cpu_seconds"),
        cores_used=cores_used,
        peak_memory_bytes=peak.get("total_bytes") or None,
        peak_anonymous_bytes=peak.get("anonymous_bytes") or None,
        peak_file_bytes=peak.get("file_bytes"),
        baseline_memory_bytes=report.get("baseline_bytes"),
        peak_cgroup_bytes=report.get("peak_cgroup_bytes"),
        memory_method=report.get("memory_method", ""),
        phases=_phases(report),
        peak_memory_by_role=report.get("roles_peak", {}),
        sampler_cpu_share=report.get("sampler_cpu_share"),
        time_limit_seconds=limits.time_seconds,
        memory_limit_bytes=limits.memory_bytes,
        stop_after_rows=limits.stop_after_rows,
        **{name: value for name, value in verdict.items() if name != "wrong"},
        predicted=dict(planned.predicted),
        details=planned.places_in_the_end | outcome.get("details", {}),
        thread_pools=outcome.get("thread_pools", []),
        most_threads=report.get("most_threads"),
        warnings=_warnings(planned, multi_threaded, cores_used, report, environment)
        + _misses(planned, verdict.get("recall")),
        disturbed=report.get("disturbed"),
        first_touch_seconds_per_gib=report.get("first_touch_seconds_per_gib"),
        warm_up_bytes=report["warm_up_bytes"],
        code_hash=planned.code_hash,
        environment=environment.key,
        machine=environment.machine.key,
        started_at=started_at,
    )


def _total(seconds: Mapping[str, float]) -> float | None:
    """Start + fit + query as far as the run came."""
    counted = [seconds[phase] for phase in ("start", "fit", "query") if phase in seconds]
    return sum(counted) if counted else None


def _extrapolated(end: Ending, seconds: Mapping[str, float], rows: int, n_samples: int) -> float | None:
    """The total for all rows, if the rest went at the pace of the rows answered."""
    if end.status != "partial" or not rows or "query" not in seconds:
        return None
    return seconds.get("start", 0.0) + seconds.get("fit", 0.0) + seconds["query"] * n_samples / rows


def _phases(report: Mapping[str, Any]) -> dict[str, Phase]:
    cpu, peaks = report.get("phases_cpu_seconds", {}), report.get("phases_peak", {})
    return {
        name: Phase(
            seconds=seconds,
            cpu_seconds=cpu.get(name, 0.0),
            peak_memory_bytes=peaks.get(name, {}).get("total_bytes", 0),
            peak_anonymous_bytes=peaks.get(name, {}).get("anonymous_bytes", 0),
        )
        for name, seconds in report.get("seconds", {}).items()
    }


def _cores_used(report: Mapping[str, Any]) -> float | None:
    seconds, cpu = report.get("seconds", {}), report.get("phases_cpu_seconds", {})
    wall = sum(seconds.get(phase, 0.0) for phase in ("fit", "query"))
    return sum(cpu.get(phase, 0.0) for phase in ("fit", "query")) / wall if wall else None


def _misses(planned: PlannedRun, recall: float | None) -> list[str]:
    """Say why an exact method may miss neighbors without being at fault elsewhere."""
    if not planned.listing.entry.exact or recall is None or recall >= 1:
        return []
    return [f"called exact, yet misses {1 - recall:.2%} of the sampled neighbors: {_FLOAT32}"]


def _warnings(
    planned: PlannedRun,
    multi_threaded: bool,
    cores_used: float | None,
    report: Mapping[str, Any],
    environment: Environment,
) -> list[str]:
    seconds = report.get("seconds", {})
    long_enough = seconds.get("fit", 0.0) + seconds.get("query", 0.0) > _SHORT_SECONDS
    local = is_local(planned.master)
    warnings = [*report.get("warnings", [])]
    warnings += threads.lesser_kernels(
        report.get("outcome", {}).get("thread_pools", []), environment.machine.flags
    )
    idle = cores_used is not None and cores_used < _IDLE_SHARE * planned.threads
    if multi_threaded and local and long_enough and idle:
        warnings.append(f"used {cores_used:.2f} of {planned.threads} cores in fit and query")
    if (others := report.get("disturbed") or 0.0) > DISTURBED_CORES:
        warnings.append(f"others used {others:.2f} cores during the run")
    return warnings
