"""The row of a run, put together from its plan, the supervisor's report and the judge's verdict."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from bench.judge import Verdict
from bench.master import is_local
from bench.measure import threads
from bench.measure.environment import Environment, usable_memory_bytes
from bench.measure.messages import Finished, Peaks, RunReport
from bench.measure.outcome import RunOutcome
from bench.measure.schedule import Limits, PlannedRun
from bench.results import Measurement, Phase

DISTURBED_CORES = 0.1
"""CPU of other processes, in cores, from which a run is marked as disturbed."""
_IDLE_SHARE = 0.8
_FLOAT32 = "distances from float32 norms and products lose digits where points lie close together"
_SHORT_SECONDS = 1.0
"""Below it, CPU seconds are too coarse to say how many cores were busy."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """Under what a run was done, besides its plan."""

    limits: Limits
    environment: Environment
    started_at: str
    """UTC, ISO 8601."""
    points_options: str = ""
    """The options that choose the points, as a shell takes them."""
    warm_up_bytes: int = 0
    """Memory touched and freed just before the worker started."""


def measurement(
    planned: PlannedRun,
    conditions: Conditions,
    outcome: RunOutcome,
    report: RunReport,
    verdict: Verdict,
    warnings: tuple[str, ...] = (),
) -> Measurement:
    """Make the row; what is not known stays None."""
    listing = planned.listing
    multi_threaded = listing.takes_threads or listing.takes_master
    finished = report.end if isinstance(report.end, Finished) else None
    peak = report.peak
    limits, environment = conditions.limits, conditions.environment
    return Measurement(
        run_id=planned.run_id,
        strategy=listing.name,
        source=planned.source,
        exact=listing.entry.exact,
        params=planned.params,
        workload=planned.workload,
        points_options=conditions.points_options,
        repeat=planned.repeat,
        repeats_asked=planned.repeats_asked,
        series_id=planned.series_id,
        threads=planned.threads,
        machine_cores=environment.machine.cores,
        quota_cores=environment.machine.quota_cores,
        allowed_memory_bytes=usable_memory_bytes(),
        multi_threaded=multi_threaded,
        master=planned.master,
        blas_kernel=planned.blas_kernel,
        wrap=planned.wrap,
        first_start=planned.first_start,
        status=outcome.status,
        reason=outcome.reason,
        start_seconds=report.seconds.get("start"),
        first_start_seconds=report.first_start_seconds,
        load_seconds=report.seconds.get("load"),
        fit_seconds=report.seconds.get("fit"),
        query_seconds=report.seconds.get("query"),
        total_seconds=_total(report.seconds),
        extrapolated_seconds=_extrapolated(outcome, report, planned.workload.n_rows),
        store_seconds=finished.store_seconds if finished else None,
        rows_answered=report.rows,
        cpu_seconds=report.cpu_seconds,
        cores_used=_cores_used(report),
        peak_memory_bytes=peak.total_bytes or None if peak else None,
        peak_anonymous_bytes=peak.anonymous_bytes or None if peak else None,
        peak_file_bytes=peak.file_bytes if peak else None,
        baseline_memory_bytes=report.baseline_bytes,
        peak_cgroup_bytes=report.peak_cgroup_bytes,
        memory_method=report.memory_method,
        phases=_phases(report),
        peak_memory_by_role=report.roles_peak,
        sampler_cpu_share=report.sampler_cpu_share,
        time_limit_seconds=limits.time_seconds,
        memory_limit_bytes=limits.memory_bytes,
        stop_after_rows=limits.stop_after_rows,
        **verdict.row_fields(),
        predicted=dict(planned.predicted),
        details={**planned.final_places, **(finished.details if finished else {})},
        thread_pools=[asdict(pool) for pool in finished.thread_pools] if finished else [],
        versions=finished.versions if finished else {},
        most_threads=report.most_threads,
        warnings=[*warnings, *_warnings(planned, report, environment), *_misses(planned, verdict.recall)],
        disturbed=report.disturbed,
        first_touch_seconds_per_gib=report.first_touch_seconds_per_gib,
        warm_up_bytes=conditions.warm_up_bytes,
        code_hash=planned.code_hash,
        environment=environment.key,
        machine=environment.machine.key,
        started_at=conditions.started_at,
    )


def _total(seconds: Mapping[str, float]) -> float | None:
    """Start + fit + query as far as the run came."""
    counted = [seconds[phase] for phase in ("start", "fit", "query") if phase in seconds]
    return sum(counted) if counted else None


def _extrapolated(outcome: RunOutcome, report: RunReport, n_samples: int) -> float | None:
    """The total for all rows, if the rest of the query goes on at the pace of what is done of it."""
    seconds = report.seconds
    if outcome.status != "partial" or not report.rows or "query" not in seconds:
        return None
    done = max(report.rows / n_samples, report.done)
    return seconds.get("start", 0.0) + seconds.get("fit", 0.0) + seconds["query"] / done


def _phases(report: RunReport) -> dict[str, Phase]:
    return {
        name: Phase(
            seconds=seconds,
            cpu_seconds=report.phases_cpu_seconds.get(name, 0.0),
            peak_memory_bytes=report.phases_peak.get(name, Peaks()).total_bytes,
            peak_anonymous_bytes=report.phases_peak.get(name, Peaks()).anonymous_bytes,
        )
        for name, seconds in report.seconds.items()
    }


def _cores_used(report: RunReport) -> float | None:
    wall, cpu = (
        sum(seconds.get(phase, 0.0) for phase in ("fit", "query"))
        for seconds in (report.seconds, report.phases_cpu_seconds)
    )
    return cpu / wall if wall else None


def _misses(planned: PlannedRun, recall: float | None) -> list[str]:
    """Say why an exact method may miss neighbors without being at fault elsewhere."""
    if not planned.listing.entry.exact or recall is None or recall >= 1:
        return []
    return [f"called exact, yet misses {1 - recall:.2%} of the sampled neighbors: {_FLOAT32}"]


def _warnings(planned: PlannedRun, report: RunReport, environment: Environment) -> list[str]:
    listing, cores_used = planned.listing, _cores_used(report)
    pools = report.end.thread_pools if isinstance(report.end, Finished) else ()
    warnings = threads.narrow_kernels(pools, environment.machine.flags)
    multi_threaded = listing.takes_threads or listing.takes_master
    long_enough = report.seconds.get("fit", 0.0) + report.seconds.get("query", 0.0) > _SHORT_SECONDS
    idle = cores_used is not None and cores_used < _IDLE_SHARE * planned.threads
    if multi_threaded and is_local(planned.master) and long_enough and idle:
        warnings.append(f"used {cores_used:.2f} of {planned.threads} cores in fit and query")
    warnings += [
        f"{name}={value} was set in the environment"
        for name, value in environment.variables.items()
        if not name.endswith("PATH")
    ]
    versions = report.end.versions if isinstance(report.end, Finished) else {}
    warnings += [
        f"imported {name} {version}, where {there} is installed"
        for name, version in versions.items()
        if (there := environment.packages.get(name, version)) != version
    ]
    if (others := report.disturbed or 0.0) > DISTURBED_CORES:
        warnings.append(f"others used {others:.2f} cores during the run")
    return warnings
