"""What a person on duty must know of the machines, the jobs and the database. The contexts say the rest."""

from legedialog.core.contexts import Measure

SILENT = 90  # seconds: a worker reports more often

MEASURES = (
    Measure(
        *("worker_heartbeat_age_seconds", "Since a worker last reported.", SILENT),
        "Start `legedialog worker`; its log says why it ended.",
        sql="SELECT extract(epoch FROM now() - max(last_heartbeat)) FROM procrastinate_workers",
        must_be=True,
    ),
    Measure(
        *("oldest_due_job_seconds", "How long the oldest job that is due has waited.", 600),
        "Look in the worker's log, and start one more worker if it is busy.",
        sql="""SELECT coalesce(extract(epoch FROM max(now() - coalesce(job.scheduled_at, deferred.at))), 0)
  FROM procrastinate_jobs job
  LEFT JOIN LATERAL (SELECT min(at) AS at FROM procrastinate_events WHERE job_id = job.id) deferred ON true
 WHERE job.status = 'todo' AND coalesce(job.scheduled_at, now()) <= now()""",
    ),
    Measure(
        *("stalled_jobs", "Jobs whose worker is gone.", 0),
        "They are taken back by themselves within minutes; if not, start the worker again.",
        sql="""SELECT count(*) FROM procrastinate_jobs job
  LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id
 WHERE job.status = 'doing' AND coalesce(worker.last_heartbeat, '-infinity') < now() - interval '90 seconds'""",
    ),
    Measure(
        *("failed_jobs", "Jobs that failed for good in the last day.", 0),
        "The worker's log says which and why; `/drift/` counts them.",
        sql="""SELECT count(*) FROM procrastinate_jobs job WHERE status = 'failed' AND EXISTS
  (SELECT FROM procrastinate_events WHERE job_id = job.id AND at > now() - interval '1 day')""",
    ),
    Measure(
        *("fence_faults", "Holes in row-level security.", 0),
        "Run `legedialog migrate`; the log of `legedialog web` names each.",
    ),
    Measure(
        *("clock_offset_seconds", "How far this machine's clock is from the database's.", 2),
        "Keep both machines' clocks by NTP (Debian: systemd-timesyncd or chrony).",
    ),
    Measure(
        *("certificate_days_left", "Days until the site's certificate is over.", 14),
        "Renew it, and let the proxy read it anew.",
        is_least=True,
    ),
    Measure(
        *("disk_used_ratio", "How full the disk of LEGEDIALOG_VAR is, from 0 to 1.", 0.9),
        "Free some space, or make the disk larger.",
    ),
    Measure(
        *("pool_waiting", "Requests that wait for a connection to the database.", 0),
        "More processes, or fewer LEGEDIALOG_THREADS: see Connections in docs/operator.md.",
    ),
    Measure(
        *("replication_lag_seconds", "How far the slowest copy of the database is behind.", 60),
        "Look at the standby server and the network to it.",
        sql="SELECT extract(epoch FROM max(replay_lag)) FROM pg_stat_replication",
    ),
    Measure(
        *("backup_age_seconds", "Since `legedialog backup` last succeeded here.", 26 * 3600),
        "Run `legedialog backup FOLDER`; its timer is legedialog-backup.timer.",
        must_be=True,
    ),
)
