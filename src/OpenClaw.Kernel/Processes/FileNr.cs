using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Processes;

/// <summary>The open file descriptions of the whole machine (/proc/sys/fs/file-nr).</summary>
/// <param name="Allocated">Allocated file descriptions.</param>
/// <param name="Maximum">fs.file-max. LONG_MAX, which systemd sets since version 240, is no limit. A higher value is
/// none either: the kernel accepts up to ULONG_MAX.</param>
public sealed record FileNr(long Allocated, long Maximum)
{
    internal const string File = "sys/fs/file-nr";
    internal const string ProcessMaximumFile = "sys/fs/nr_open";
    internal const string InotifyFolder = "sys/fs/inotify";

    /// <summary>fs.nr_open: the highest RLIMIT_NOFILE that a process can have.</summary>
    public Reading<long> ProcessMaximum { get; init; }

    /// <summary>
    /// fs.inotify.max_user_instances: the limit on inotify instances of a user. The kernel shows no count.
    /// </summary>
    public Reading<long> InotifyInstances { get; init; }

    /// <summary>fs.inotify.max_user_watches: the limit on watched files and folders of a user.</summary>
    public Reading<long> InotifyWatches { get; init; }

    internal static Reading<FileNr> Read(ProcMount proc) =>
        proc.ReadEverywhere(File, Parse)
            .Select(files =>
                files with
                {
                    ProcessMaximum = proc.ReadInteger(ProcessMaximumFile),
                    InotifyInstances = proc.ReadInteger($"{InotifyFolder}/max_user_instances"),
                    InotifyWatches = proc.ReadInteger($"{InotifyFolder}/max_user_watches"),
                }
            );

    /// <summary>Parses "allocated free maximum". The second number has been 0 since Linux 2.6.</summary>
    public static Reading<FileNr> Parse(ReadOnlySpan<byte> text)
    {
        var rest = text;
        if (
            !KernelText.TryTakeInteger(ref rest, out var allocated)
            || !KernelText.TryTakeInteger(ref rest, out _)
            || !KernelText.TryTakeLimit(ref rest, out var maximum)
            || !rest.IsEmpty
            || allocated < 0
        )
        {
            return KernelText.Malformed(1, "three integers", text);
        }

        return new FileNr(allocated, maximum);
    }
}
