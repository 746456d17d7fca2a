using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.Remedies;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>
/// The remedies of errors that OpenClaw logged while no pool is full. Their errno and call tell which resource they
/// lacked, also where the kernel shows no count of it.
/// </summary>
static class LoggedErrorRemedies
{
    /// <summary>
    /// The recommended limits of a user. An instance takes about a kilobyte of kernel memory, and so does a watch.
    /// </summary>
    const long SensibleInstances = 1024;
    const long SensibleWatches = 524288;

    /// <summary>The errors of a burst: those within this time of its newest one.</summary>
    static readonly TimeSpan Burst = TimeSpan.FromMinutes(5);

    /// <summary>Returns the remedy for the last errors with the code of an alert.</summary>
    public static Remedy For(NamespaceView view, Alert alert)
    {
        ImmutableArray<ClwEvent> last = view.Get<ClwErrors>().TryGet(out var errors)
            ? [.. errors.Recent.Where(seen => seen.Code == alert.Code)]
            : [];
        var remedies = last.Where(seen => last[0].Time - seen.Time < Burst)
            .Select(static seen => (seen.Errno, seen.Call))
            .Distinct()
            .Select(kind => For(view, kind.Errno, kind.Call))
            .OfType<Remedy>()
            .ToList();
        return remedies.Count == 0
            ? new(alert.Advice)
            : new(
                string.Join(' ', remedies.Select(static one => one.Advice).Distinct()),
                [.. remedies.SelectMany(static one => one.Changes)]
            );
    }

    static Remedy? For(NamespaceView view, string errno, LogCall call) =>
        (errno, call) switch
        {
            ("EMFILE", LogCall.Watch) => Raise(
                "No inotify instance was left for the user, or no descriptor for the process.",
                "fs.inotify.max_user_instances",
                view.Get<FileNr>().Then(static files => files.InotifyInstances),
                SensibleInstances,
                "find /proc/[0-9]*/fd -lname anon_inode:inotify 2>/dev/null lists the instances."
            ),
            ("ENOSPC", LogCall.Watch) => Raise(
                "No inotify watch was left for the user.",
                "fs.inotify.max_user_watches",
                view.Get<FileNr>().Then(static files => files.InotifyWatches),
                SensibleWatches,
                "grep -c ^inotify /proc/[0-9]*/fdinfo/* 2>/dev/null counts the watches of each process."
            ),
            ("EAGAIN", LogCall.Spawn) => new(
                "The kernel refused a new process: its cgroup had as many as pids.max (TasksMax= of its unit), or its "
                    + "user as many as ulimit -u."
            ),
            ("ENFILE", _) => new(
                "The whole machine had as many open files as fs.file-max when the call failed. Find the processes with "
                    + "most of them, or raise it."
            ),
            ("EMFILE" or "EBADF", _) => new(
                "A process had as many open files as its own limit when the call failed. Now no visible process has. "
                    + "Raise its limit (LimitNOFILE= of its unit), or find its leak: ls -l /proc/PID/fd."
            ),
            ("EADDRINUSE", LogCall.Listen) => new(
                "Another program has the port on which OpenClaw wants to listen. ss -ltnp names it."
            ),
            _ => null,
        };

    static Remedy Raise(string what, string key, Reading<long> limit, long sensible, string who)
    {
        var advice = $"{what} {who} {key} is the limit of each user.";
        return limit.TryGet(out var present)
            ? Remedy.Sysctl(
                advice,
                key,
                Math.Max(sensible, 2 * present).ToString(CultureInfo.InvariantCulture),
                scope: ChangeScope.Host,
                old: present.ToString(CultureInfo.InvariantCulture)
            )
            : new(advice);
    }
}
